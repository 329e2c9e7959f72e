import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { findHost, type Host } from './find-host.ts';

/**
 * Cordoned, a host gets no new projects; what it has stays. Asking for what is so already changes nothing.
 * Errors: `forbidden`, `not_found`, `wrong_state` when the host is revoked, `conflict`.
 */
export async function setCordoned(ctx: Ctx, input: { id: string; cordoned: boolean }): Promise<Host> {
  const { actor, host } = await findHost(ctx, input.id);
  if (host.state === 'revoked') throw new AppError('wrong_state', 'The host is revoked');
  if (host.cordoned === input.cordoned) return host;
  const changed = await ctx.deps.store.hosts.setCordoned(
    { id: host.id, cordoned: input.cordoned, at: ctx.deps.clock.now() },
    { action: input.cordoned ? 'host.cordon' : 'host.uncordon', actor, request: ctx.request },
  );
  if (!changed) throw new AppError('conflict', 'The host was changed by somebody else at the same time; try again');
  return { ...host, cordoned: input.cordoned };
}
