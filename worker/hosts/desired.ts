import type { DesiredResponse } from '../../schema/agent-protocol.ts';
import { specOf } from '../projects/spec-of.ts';
import type { DesiredKeyRow } from '../store/desired.ts';
import { type AgentCtx, requireFresh, requireHost, type SignedRequest } from './verify-request.ts';

/**
 * Everything a host should run, or null when its agent has it already: one read, no write. Secrets are opened only for
 * a list that is sent. Errors: `unauthenticated`, `forbidden`.
 */
export async function desired(
  ctx: AgentCtx,
  input: { signed: SignedRequest; cursor: number | null },
): Promise<DesiredResponse | null> {
  const { clock, config, store } = ctx.deps;
  const { signed, cursor } = input;
  requireFresh(signed, clock.now());
  const found = await store.desired.desiredOfHost(signed.hostId, cursor);
  const host = await requireHost(found.host, signed);
  if (host.changeSequence === cursor) return null;
  const keys = new Map<string, DesiredKeyRow[]>(found.projects.map(({ ref }) => [ref, []]));
  for (const key of found.keys) keys.get(key.ref)?.push(key);
  const listed = await Promise.all(found.projects.map((row) => specOf(ctx.deps.vault, row, keys.get(row.ref) ?? [])));
  const withheld = listed.filter(({ reason }) => reason !== undefined);
  if (withheld.length > 0) tell(ctx, host.id, withheld);
  const { pollIntervalMs } = config.agents;
  return {
    ...(withheld.length > 0
      ? { cursor: null, pollIntervalMs: Math.max(pollIntervalMs, withheldIntervalMs) }
      : { cursor: host.changeSequence, pollIntervalMs }),
    reportSequence: host.reportSequence,
    projects: listed.map(({ spec }) => spec).filter((spec) => spec !== null),
  };
}

/** The host asks for its whole list as long as something in it is withheld; a key that is put right is enough then. */
const withheldIntervalMs = 5_000;
const mostTold = 20;

type Listed = Awaited<ReturnType<typeof specOf>>;

/** Once for a list, however many of its projects it is about. */
function tell({ deps, request }: AgentCtx, hostId: string, withheld: readonly Listed[]): void {
  deps.log.error('the secrets of projects do not open, so their stacks are left as they are', {
    requestId: request.id,
    hostId,
    count: withheld.length,
    projects: withheld.slice(0, mostTold).map(({ spec, reason }) => ({ ref: spec?.ref, reason })),
  });
}
