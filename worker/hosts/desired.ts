import type { DesiredResponse } from '../../schema/agent-protocol.ts';
import type { StackSpec } from '../../schema/stack-spec.ts';
import { buildSpec } from '../projects/build-spec.ts';
import { openSecrets } from '../projects/open-secrets.ts';
import type { DesiredKeyRow, DesiredRow } from '../store/desired.ts';
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
  const specs = await Promise.all(found.projects.map((row) => specOf(ctx, row, keys.get(row.ref) ?? [])));
  return {
    cursor: host.changeSequence,
    pollIntervalMs: config.agents.pollIntervalMs,
    reportSequence: host.reportSequence,
    projects: specs.filter((spec) => spec !== null),
  };
}

/** A project whose secrets do not open is left out, which changes nothing on its host; the others are not held up. */
async function specOf(
  { deps, request }: AgentCtx,
  row: DesiredRow,
  apiKeys: DesiredKeyRow[],
): Promise<StackSpec | null> {
  try {
    const needsSecrets = row.power !== 'removed' && row.firstPort !== null && row.sealed !== null;
    const secrets = needsSecrets ? { secrets: row.sealed ?? '', apiKeys } : null;
    return buildSpec(row, secrets === null ? null : await openSecrets(deps.vault, row.ref, secrets));
  } catch (error) {
    deps.log.error('a project is left out of its host’s list', {
      requestId: request.id,
      ref: row.ref,
      error: error instanceof Error ? error.message : String(error),
    });
    return null;
  }
}
