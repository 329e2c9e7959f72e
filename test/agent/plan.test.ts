import { expect, test } from 'vitest';
import type { Attempt } from '../../agent/backoff.ts';
import type { ObservedStack } from '../../agent/deps.ts';
import { plan } from '../../agent/plan.ts';
import { specHash } from '../../agent/spec-hash.ts';
import type { StackSpec } from '../../schema/stack-spec.ts';
import { pausedSpec, refOf, removedSpec, runningSpec, withheldSpec } from '../support/specs.ts';

const now = 1_000_000;
const hash = specHash(runningSpec('a'));

function stack(changes: Partial<ObservedStack> = {}): ObservedStack {
  const whole = { ref: refOf('a'), specHash: hash, generation: 1, state: 'running' as const };
  return { ...whole, services: [], gateway: null, drift: [], ...changes };
}

function planned(specs: StackSpec[], observed: ObservedStack[], attempts: Map<string, Attempt> = new Map(), at = now) {
  const desired = specs.map((spec) => ({ spec, specHash: specHash(spec) }));
  return plan(desired, observed, attempts, at).map(({ kind, ref, reason }) => `${kind} ${ref[0]}: ${reason}`);
}

test.each<[string, StackSpec, ObservedStack[], string[]]>([
  ['running as asked', runningSpec('a'), [stack()], []],
  ['a newer generation of the same settings', runningSpec('a', { generation: 9 }), [stack()], []],
  ['not here', runningSpec('a'), [], ['apply a: nothing of it is here']],
  ['half made', runningSpec('a'), [stack({ specHash: null })], ['apply a: it was never brought up whole']],
  ['other settings', runningSpec('a', { restarts: 1 }), [stack()], ['apply a: its settings changed']],
  ['stopped', runningSpec('a'), [stack({ state: 'stopped' })], ['apply a: it is stopped']],
  ['a dead part', runningSpec('a'), [stack({ state: 'partial' })], ['apply a: parts of it do not run']],
  ['changed by hand', runningSpec('a'), [stack({ drift: ['.env was edited'] })], ['apply a: .env was edited']],
  ['to be paused, running', pausedSpec('a'), [stack()], ['stop a: it is to be paused']],
  ['to be paused, half dead', pausedSpec('a'), [stack({ state: 'partial' })], ['stop a: it is to be paused']],
  ['to be paused, stopped', pausedSpec('a'), [stack({ state: 'stopped' })], []],
  ['to be paused, not here', pausedSpec('a'), [], []],
  ['to be removed, running', removedSpec('a', 2), [stack()], ['remove a: it is to be removed']],
  ['to be removed, half made', removedSpec('a', 2), [stack({ specHash: null })], ['remove a: it is to be removed']],
  ['to be removed, gone', removedSpec('a', 2), [], []],
  ['withheld, running', withheldSpec('a', 2), [stack()], []],
  ['withheld, half dead', withheldSpec('a', 2), [stack({ state: 'partial', specHash: null })], []],
  ['withheld, not here', withheldSpec('a', 2), [], []],
])('a project %s gets exactly what is missing', (_situation, spec, observed, expected) => {
  expect(planned([spec], observed)).toEqual(expected);
});

test('a stack that no list names is never touched, whatever its state', () => {
  for (const state of ['running', 'partial', 'stopped'] as const) expect(planned([], [stack({ state })])).toEqual([]);
});

test('removals come before stops, stops before applies, and what failed most comes last', () => {
  const attempts = new Map([[refOf('a'), failed({ tries: 3, endedAt: 0, delayMs: 1 })]]);
  const specs = [runningSpec('a'), runningSpec('b'), pausedSpec('c'), removedSpec('d', 1)];
  const observed = [stack({ ref: refOf('c') }), stack({ ref: refOf('d') })];
  expect(planned(specs, observed, attempts).map((line) => line.slice(0, 8))).toEqual([
    'remove d',
    'stop c: ',
    'apply b:',
    'apply a:',
  ]);
});

test('a failed project waits for its turn; a new generation, or a clock set back, ends the wait', () => {
  const attempts = new Map([[refOf('a'), failed({ endedAt: now, delayMs: 5_000 })]]);
  expect(planned([runningSpec('a')], [], attempts, now + 4_999)).toEqual([]);
  expect(planned([runningSpec('a')], [], attempts, now + 5_000)).toHaveLength(1);
  expect(planned([runningSpec('a', { generation: 2 })], [], attempts, now)).toHaveLength(1);
  expect(planned([runningSpec('a')], [], attempts, now - 3_600_000)).toHaveLength(1);
});

function failed(changes: Partial<Attempt>): Attempt {
  return { generation: 1, tries: 1, endedAt: 0, delayMs: 0, failure: 'no', ...changes };
}
