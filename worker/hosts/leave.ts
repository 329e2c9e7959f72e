import { AppError } from '../errors.ts';
import { type AgentCtx, requireFresh, requireHost, type SignedRequest } from './verify-request.ts';

/** How many of the projects that are in the way are named. */
const mostNamed = 5;

/**
 * Ends the key of a host that says it leaves. Asking again is answered with `forbidden` (revoked), as to every revoked
 * host. Errors also: `unauthenticated`, `wrong_state` while projects live on it.
 */
export async function leave({ deps, request }: AgentCtx, input: { signed: SignedRequest }): Promise<void> {
  const at = deps.clock.now();
  requireFresh(input.signed, at);
  const host = await requireHost(await deps.store.desired.agentHost(input.signed.hostId), input.signed);
  const { left, refs } = await deps.store.departures.leave({ hostId: host.id, at, atMost: mostNamed + 1 }, request);
  if (left) return;
  if (refs.length === 0)
    throw new AppError('conflict', 'The host was changed by somebody else at the same time; try again');
  const named = refs.length > mostNamed ? [...refs.slice(0, mostNamed), 'others'] : refs;
  throw new AppError('wrong_state', `Projects live on this host: ${named.join(', ')}. Delete them first`);
}
