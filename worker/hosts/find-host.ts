import { hostId } from '../../schema/ids.ts';
import { requireOperator } from '../accounts/require-operator.ts';
import type { Actor, Ctx } from '../deps.ts';
import { notFound } from '../errors.ts';
import type { HostRow } from '../store/hosts.ts';
import { type HostState, hostState } from './host-state.ts';

export type Host = HostRow & { state: HostState };

/** The only way to a host for an account: operators only. Errors: `forbidden`, `not_found`. */
export async function findHost(ctx: Ctx, id: string): Promise<{ actor: Actor; host: Host }> {
  const { clock, config, store } = ctx.deps;
  const now = clock.now();
  const known = hostId.safeParse(id).success;
  const { actor, host } = await store.hosts.hostById(ctx.credential, known ? id : '', now);
  requireOperator(actor);
  if (host === null) throw notFound('Host');
  return { actor, host: { ...host, state: hostState(host, now, config.agents) } };
}
