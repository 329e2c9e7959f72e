import { expect, test } from 'vitest';
import { type Attempt, attempt } from '../../agent/backoff.ts';

function after(ends: { at: number; failure: string | null; generation?: number }[], jitter = 0): Attempt | undefined {
  return ends.reduce<Attempt | undefined>(
    (last, { at, failure, generation = 1 }) =>
      attempt(last, { generation, startedAt: at, endedAt: at, failure }, jitter),
    undefined,
  );
}

test('failures wait 5 s, doubling to 5 min', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 60].map(
    (count) => after(Array.from({ length: count }, (_, at) => ({ at, failure: 'no' })))?.delayMs,
  );
  expect(delays).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
});

test('jitter only ever shortens the wait, by a fifth at most', () => {
  expect(after([{ at: 0, failure: 'no' }], 0.999)?.delayMs).toBeGreaterThanOrEqual(4_000);
});

test('a new generation starts counting anew', () => {
  const last = after([
    { at: 0, failure: 'no' },
    { at: 1, failure: 'no' },
    { at: 2, failure: 'no', generation: 2 },
  ]);
  expect(last).toMatchObject({ generation: 2, tries: 1, delayMs: 5_000 });
});

test('a stack that dies after every start is not started in a hot loop', () => {
  const delays = [1, 2, 3, 4, 60].map(
    (count) => after(Array.from({ length: count }, (_, at) => ({ at, failure: null })))?.delayMs,
  );
  expect(delays).toEqual([5_000, 10_000, 20_000, 20_000, 20_000]);
});

test('a stack that lasted a minute starts counting anew', () => {
  expect(after([0, 10_000, 70_001].map((at) => ({ at, failure: null })))?.tries).toBe(1);
});
