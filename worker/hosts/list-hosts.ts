import { requireOperator } from '../accounts/require-operator.ts';
import type { Ctx } from '../deps.ts';
import type { Host } from './find-host.ts';
import { hostState } from './host-state.ts';

/** Hosts by name. `cursor` is the `nextCursor` of the page before. Errors: `forbidden`. */
export async function listHosts(
  ctx: Ctx,
  input: { cursor?: string | undefined; limit: number },
): Promise<{ hosts: Host[]; nextCursor: string | null }> {
  const { clock, config, store } = ctx.deps;
  const now = clock.now();
  const page = { after: input.cursor ?? '', limit: input.limit + 1 };
  const { actor, hosts } = await store.hosts.hosts(ctx.credential, page, now);
  requireOperator(actor);
  const shown = hosts.slice(0, input.limit);
  return {
    hosts: shown.map((host) => ({ ...host, state: hostState(host, now, config.agents) })),
    nextCursor: hosts.length > input.limit ? (shown.at(-1)?.name ?? null) : null,
  };
}
