import { createHash } from 'node:crypto';
import type { StackSpec } from '../schema/stack-spec.ts';

/**
 * SHA-256 (hex) of what a stack is made of, whatever the order of its fields. Generation and power are left out: neither
 * a pause and restore nor a change that was taken back makes a running stack start over.
 */
export function specHash(spec: StackSpec): string {
  const { generation: _generation, power: _power, ...parts } = spec;
  return createHash('sha256').update(canonical(parts)).digest('hex');
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(byKey)) : inner,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function byKey([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : 1;
}
