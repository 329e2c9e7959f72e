import { expect, test } from 'vitest';
import { specHash } from '../../agent/spec-hash.ts';
import { liveSpec } from '../../schema/stack-spec.ts';
import { pausedSpec, runningSpec } from '../support/specs.ts';

const spec = runningSpec('a');

test('generation, power and the order of fields do not make another stack', () => {
  const reversed = runningSpec('a', { secrets: JSON.parse(reverseKeys(JSON.stringify(spec.secrets))) });
  expect(specHash(runningSpec('a', { generation: 99 }))).toBe(specHash(spec));
  expect(specHash(pausedSpec('a'))).toBe(specHash(spec));
  expect(specHash(reversed)).toBe(specHash(spec));
});

test('every other field does, also one that is added later', () => {
  const fields = Object.keys(liveSpec.shape).filter((field) => !['generation', 'power'].includes(field));
  for (const field of fields) {
    const changed = { ...spec, [field]: 'something else' };
    expect(specHash(changed), field).not.toBe(specHash(spec));
  }
});

test('the order of a list is part of it', () => {
  const schemas = { ...spec.rest, schemas: ['a', 'b'] };
  const swapped = { ...spec.rest, schemas: ['b', 'a'] };
  expect(specHash(runningSpec('a', { rest: schemas }))).not.toBe(specHash(runningSpec('a', { rest: swapped })));
});

function reverseKeys(json: string): string {
  return JSON.stringify(JSON.parse(json), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).reverse())
      : value,
  );
}
