import { expect, test } from 'vitest';
import { malformedPath } from '../../../worker/http/well-formed.ts';

test.each<[unknown, string | null]>([
  ['plain', null],
  [{ name: 'smile 😀', list: [1, null, true, 'é'] }, null],
  ['\ud800', ''],
  [{ a: { b: ['fine', 'x\udc00'] } }, 'a.b.1'],
  [{ a: { '\ud800': 1 } }, 'a'],
])('of %j the malformed text is at %j', (value, path) => {
  expect(malformedPath(value)).toBe(path);
});

test('depth costs no stack', () => {
  let value: unknown = '\ud800';
  for (let depth = 0; depth < 50_000; depth += 1) value = [value];
  expect(malformedPath(value)).toHaveLength(2 * 50_000 - 1);
});
