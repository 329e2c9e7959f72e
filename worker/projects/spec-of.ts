import type { StackSpec } from '../../schema/stack-spec.ts';
import type { Vault } from '../deps.ts';
import type { DesiredKeyRow, DesiredRow } from '../store/desired.ts';
import { buildSpec } from './build-spec.ts';
import { openSecrets } from './open-secrets.ts';

/**
 * What a project's host is told to run; null: nothing, since it has no ports. A project whose secrets do not open is
 * named all the same, so that its stack is left alone and still looked at; `reason` says why.
 */
export async function specOf(
  vault: Vault,
  row: DesiredRow,
  apiKeys: DesiredKeyRow[],
): Promise<{ spec: StackSpec | null; reason?: string }> {
  const { ref, generation } = row;
  try {
    const needsSecrets = row.power !== 'removed' && row.firstPort !== null && row.sealed !== null;
    const secrets = needsSecrets ? { secrets: row.sealed ?? '', apiKeys } : null;
    return { spec: buildSpec(row, secrets === null ? null : await openSecrets(vault, ref, secrets)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { spec: { ref, generation, power: 'withheld' }, reason };
  }
}
