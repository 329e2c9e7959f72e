import { expect, test } from 'vitest';
import type { Attempt } from '../../agent/backoff.ts';
import type { ObservedStack } from '../../agent/deps.ts';
import type { Action } from '../../agent/plan.ts';
import type { Health } from '../../agent/probe.ts';
import { fingerprint, hostView, type View } from '../../agent/report.ts';
import { specHash } from '../../agent/spec-hash.ts';
import { projectReport } from '../../schema/agent-protocol.ts';
import type { StackSpec } from '../../schema/stack-spec.ts';
import { pausedSpec, refOf, removedSpec, runningSpec, withheldSpec } from '../support/specs.ts';

const now = 1_000_000;
const ref = refOf('a');
const spec = runningSpec('a', { generation: 5 });
const healthy: Health = { kind: 'healthy', verifiedAt: now - 3_000 };
const unhealthy: Health = { kind: 'unhealthy', verifiedAt: null, reason: 'silent' };

function stack(changes: Partial<ObservedStack> = {}): ObservedStack {
  const whole = { ref, specHash: specHash(spec), generation: 4, state: 'running' as const };
  return { ...whole, services: [], gateway: null, drift: [], ...changes };
}

function failure(generation: number): Attempt {
  return { generation, tries: 1, endedAt: 0, delayMs: 0, failure: 'port taken' };
}

function apply(generation: number): Action {
  return { kind: 'apply', ref, generation, reason: '', spec, specHash: specHash(spec) };
}

type Situation = {
  wanted?: StackSpec;
  observed?: ObservedStack[];
  action?: Action;
  last?: Attempt;
  health?: Health;
  unsettled?: string[];
};

function view({ wanted = spec, observed = [stack()], action, last, health, unsettled = [] }: Situation): View {
  return {
    desired: [{ spec: wanted, specHash: specHash(wanted) }],
    observation: { stacks: observed, unsettled: new Set(unsettled) },
    running: new Map(action === undefined ? [] : [[ref, action]]),
    attempts: new Map(last === undefined ? [] : [[ref, last]]),
    health: () => health ?? { kind: 'unknown' },
    now,
  };
}

const withheld =
  "The control plane cannot open this project's secrets, so nothing of it is changed on its host; its log says why.";
const ok: Attempt = { generation: 5, tries: 1, endedAt: 0, delayMs: 0, failure: null };

test.each<[string, Situation, string]>([
  ['being brought up', { observed: [], action: apply(5) }, '5 starting'],
  ['brought up for an older generation meanwhile', { action: apply(4) }, '4 starting'],
  ['up, not yet asked through its gateway', { last: ok }, '5 starting'],
  ['up and answering', { health: healthy }, '5 healthy'],
  ['up and silent', { health: unhealthy }, '5 unhealthy silent'],
  ['up with older settings', { observed: [stack({ specHash: 'x' })], health: healthy }, '4 healthy'],
  ['failed', { observed: [], last: failure(5) }, '5 failed port taken'],
  ['failed and tried again', { observed: [], last: failure(5), action: apply(5) }, '5 failed port taken'],
  ['failed at an older generation', { observed: [stack({ specHash: 'x' })], last: failure(4) }, '4 starting'],
  ['failed once, repaired by hand', { last: failure(5), health: healthy }, '5 healthy'],
  ['waiting for its turn', { observed: [] }, '5 starting'],
  ['missing a part', { observed: [stack({ state: 'partial' })] }, '5 unhealthy Parts of the project do not run.'],
  ['being stopped', { action: { kind: 'stop', ref, generation: 6, reason: '' } }, '6 stopping'],
  ['paused', { wanted: pausedSpec('a', { generation: 6 }), observed: [stack({ state: 'stopped' })] }, '6 stopped'],
  ['to be paused and still up', { wanted: pausedSpec('a', { generation: 6 }), health: healthy }, '4 healthy'],
  ['being removed', { action: { kind: 'remove', ref, generation: 7, reason: '' } }, '7 stopping'],
  ['removed', { wanted: removedSpec('a', 7), observed: [] }, '7 removed'],
  ['not removed yet', { wanted: removedSpec('a', 7), health: healthy }, '4 healthy'],
  ['withheld and answering', { wanted: withheldSpec('a', 6), health: healthy }, '4 healthy'],
  ['withheld and silent', { wanted: withheldSpec('a', 6), health: unhealthy }, '4 unhealthy silent'],
  [
    'withheld and stopped',
    { wanted: withheldSpec('a', 6), observed: [stack({ state: 'stopped' })] },
    `4 stopped ${withheld}`,
  ],
  ['withheld and not here', { wanted: withheldSpec('a', 6), observed: [] }, `6 failed ${withheld}`],
  ['withheld while it was brought up', { wanted: withheldSpec('a', 6), action: apply(5) }, '5 starting'],
  ['not removable', { wanted: removedSpec('a', 7), last: failure(7) }, '7 failed port taken'],
])('a project %s is told as just that', (_situation, situation, expected) => {
  const [report] = hostView(view(situation)).projects;
  expect([report?.generation, report?.phase, report?.reason].filter((part) => part !== null).join(' ')).toBe(expected);
  expect(projectReport.safeParse(report).error).toBeUndefined();
});

test('a removal is never told from a picture that was taken while something was still going on', () => {
  const told = hostView(view({ wanted: removedSpec('a', 7), observed: [], unsettled: [ref] }));
  expect(told.projects.map(({ phase }) => phase)).toEqual(['stopping']);
});

test('a stack that a new agent finds running is neither healthy nor starting before its first probe', () => {
  expect(hostView(view({}))).toMatchObject({ projects: [], verifiedAgeMs: null });
});

test('the host vouches with its oldest verification, and for nothing when nothing is healthy', () => {
  const other = runningSpec('b', { generation: 5 });
  const two: View = {
    ...view({}),
    desired: [spec, other].map((one) => ({ spec: one, specHash: specHash(one) })),
    observation: {
      stacks: [stack(), stack({ ref: refOf('b'), specHash: specHash(other) })],
      unsettled: new Set(),
    },
    health: (asked) => (asked === ref ? healthy : { kind: 'healthy', verifiedAt: now - 9_000 }),
  };
  expect(hostView(two).verifiedAgeMs).toBe(9_000);
  expect(hostView(view({ health: unhealthy })).verifiedAgeMs).toBeNull();
});

test('a withheld project that is stopped does not keep the host from vouching for the others', () => {
  const other = runningSpec('b', { generation: 5 });
  const two: View = {
    ...view({}),
    desired: [withheldSpec('a', 5), other].map((one) => ({ spec: one, specHash: specHash(one) })),
    observation: {
      stacks: [stack({ state: 'stopped' }), stack({ ref: refOf('b'), specHash: specHash(other) })],
      unsettled: new Set(),
    },
    health: (asked) => (asked === ref ? { kind: 'unknown' } : healthy),
  };
  expect(hostView(two)).toMatchObject({ verifiedAgeMs: 3_000, strangers: [] });
});

test('strangers are shown', () => {
  expect(hostView(view({ observed: [stack({ ref: 'someone-else' }), stack()] })).strangers).toEqual(['someone-else']);
});

test('texts of a runtime that talks too much still fit the protocol', () => {
  const services = [{ name: 'db', status: 'unhealthy', version: 'v'.repeat(99), error: 'e'.repeat(999) } as const];
  const last = { ...failure(5), failure: 'x'.repeat(5_000) };
  const [report] = hostView(view({ observed: [stack({ specHash: null, services: [...services] })], last })).projects;
  expect(projectReport.safeParse(report).error).toBeUndefined();
});

test('time passing is no news', () => {
  const [early] = hostView(view({ health: healthy })).projects;
  const [late] = hostView({ ...view({ health: healthy }), now: now + 5_000 }).projects;
  expect(early && fingerprint(early)).toBe(late && fingerprint(late));
});
