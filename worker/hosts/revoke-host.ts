import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { findHost, type Host } from './find-host.ts';

/**
 * Ends a host's key: its agent is refused from the next request on, and ends. What that agent runs as its own processes
 * (embedded) stops with it, containers run on, data stays either way; the state of its projects is unknown at once.
 * Projects that were being removed there go now. The name is free for another host. Revoking again changes nothing.
 * Errors: `forbidden`, `not_found`, `conflict` when a project began to be removed there at the same moment.
 */
export async function revokeHost(ctx: Ctx, input: { id: string }): Promise<Host> {
  const { actor, host } = await findHost(ctx, input.id);
  if (host.state === 'revoked') return host;
  const at = ctx.deps.clock.now();
  const name = `${host.name} (revoked ${host.id.slice(0, 8)})`;
  const audit = { action: 'host.revoke', actor, request: ctx.request } as const;
  const revoked = await ctx.deps.store.hosts.revoke({ id: host.id, name, at }, audit);
  if (!revoked) {
    const now = await findHost(ctx, input.id);
    if (now.host.state === 'revoked') return now.host;
    throw new AppError('conflict', 'Something changed on the host at the same time; try again');
  }
  return { ...host, name, revokedAt: at, state: 'revoked' };
}
