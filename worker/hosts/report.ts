import type { ReportRequest, ReportResponse } from '../../schema/agent-protocol.ts';
import { AppError } from '../errors.ts';
import { type AgentCtx, requireFresh, requireHost, type SignedRequest } from './verify-request.ts';

/**
 * Takes what an agent saw. Only the next report of a host is taken, so a replay and the second of two agents with one
 * key are refused with `conflict` and the last accepted `sequence` in the body. Errors also: `unauthenticated`,
 * `forbidden`.
 */
export async function report(
  { deps, request }: AgentCtx,
  input: { signed: SignedRequest; report: ReportRequest },
): Promise<ReportResponse> {
  const { signed, report: sent } = input;
  const now = deps.clock.now();
  requireFresh(signed, now);
  const host = await requireHost(await deps.store.desired.agentHost(signed.hostId), signed);
  if (sent.sequence !== host.reportSequence + 1) throw outOfOrder(host.reportSequence);
  const { accepted, sequence, cursor } = await deps.store.observations.accept(
    {
      hostId: host.id,
      sequence: sent.sequence,
      facts: sent.facts,
      verifiedAt: sent.verifiedAgeMs === null ? null : now - sent.verifiedAgeMs,
      projects: sent.projects,
      strangers: sent.strangers,
      at: now,
    },
    request,
  );
  if (!accepted) throw outOfOrder(sequence);
  return { sequence, cursor };
}

function outOfOrder(sequence: number): AppError {
  return new AppError('conflict', `The report is out of order: the last one accepted was number ${sequence}`, {
    body: { reason: 'sequence', sequence },
  });
}
