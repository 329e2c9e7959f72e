import type { Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import { authorize } from '../policy.ts';
import { whyNot } from './place.ts';
import { isRegionCode, type RegionCode, regionCodes } from './regions.ts';

/**
 * The regions in which a new project of the organization would find a host, the one with the most hosts first. A host
 * that stands nowhere in particular serves them all. Errors: `not_found`, `forbidden`.
 */
export async function availableRegions(ctx: Ctx, slug: string): Promise<RegionCode[]> {
  const { clock, config, store } = ctx.deps;
  const at = { now: clock.now(), lostAfterMs: config.agents.lostAfterMs };
  const { actor, organization, hosts } = await store.projectCreation.placesFor(ctx.credential, { slug, name: '' }, at);
  if (organization === null) throw notFound('Organization');
  authorize(actor, organization, 'projects:read');
  const usable = hosts.filter((host) => whyNot(host, at) === null);
  if (usable.some(({ region }) => !isRegionCode(region))) return regionCodes;
  const count = (code: RegionCode) => usable.reduce((sum, host) => (host.region === code ? sum + host.alike : sum), 0);
  return regionCodes.filter((code) => count(code) > 0).toSorted((one, other) => count(other) - count(one));
}
