import { expect, test } from 'vitest';
import { sayFarewell } from '../../agent/farewell.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeControlPlane } from '../support/fake-control-plane.ts';
import { createFakeRuntime, type FakeStack } from '../support/fake-runtime.ts';
import { pausedSpec, refOf, runningSpec } from '../support/specs.ts';

const facts = {
  agentVersion: '0.0.0',
  runtime: 'embedded',
  projectHost: 'localhost',
  frontDoor: null,
  portRange: { first: 20_000, last: 29_999 },
} as const;

function stack(state: Partial<FakeStack> = {}): FakeStack {
  return { data: 'x', specHash: 'x', generation: 1, db: false, gateway: false, ...state };
}

function situation(world: [string, FakeStack][]) {
  const lines: string[] = [];
  const write = (message: string) => void lines.push(message);
  const runtime = createFakeRuntime({ world: new Map(world) });
  const deps = { clock: createFakeClock(), log: { info: write, warn: write, error: write } };
  return { controlPlane: createFakeControlPlane(), runtime, deps, lines };
}

test('an agent that ends tells which projects stopped with it, so that nobody takes them for healthy', async () => {
  const { controlPlane, runtime, deps } = situation([
    [refOf('a'), stack()],
    [refOf('b'), stack({ db: true, gateway: true })],
    [refOf('c'), stack()],
    [refOf('d'), stack({ generation: null })],
    [refOf('x'), stack()],
  ]);
  controlPlane.want(runningSpec('a'), runningSpec('b'), pausedSpec('c'), runningSpec('d'));
  controlPlane.sequence = 7;
  await sayFarewell(controlPlane, runtime, facts, deps);
  const [report] = controlPlane.reports;
  expect(report?.projects).toEqual([
    expect.objectContaining({ ref: refOf('a'), phase: 'stopped', generation: 1, gateway: null }),
  ]);
  expect(report).toMatchObject({ sequence: 8, verifiedAgeMs: null });
});

test('with nothing to take back it says nothing', async () => {
  const { controlPlane, runtime, deps } = situation([[refOf('b'), stack({ db: true, gateway: true })]]);
  controlPlane.want(runningSpec('b'));
  await sayFarewell(controlPlane, runtime, facts, deps);
  expect(controlPlane.reports).toEqual([]);
});

test.each(['down', 'lost'] as const)(
  'a control plane that is %s neither holds up the end nor fails it',
  async (mode) => {
    const { controlPlane, runtime, deps, lines } = situation([[refOf('a'), stack()]]);
    controlPlane.want(runningSpec('a'));
    controlPlane.mode = mode;
    await sayFarewell(controlPlane, runtime, facts, deps);
    expect(lines).toHaveLength(1);
  },
);

test('a control plane that never answers is given up after a second', async () => {
  const { runtime, deps, lines } = situation([[refOf('a'), stack()]]);
  const silent = { desired: () => new Promise<never>(() => {}), report: () => new Promise<never>(() => {}) };
  const said = sayFarewell(silent, runtime, facts, deps);
  await deps.clock.advance(1_000);
  await said;
  expect(lines).toHaveLength(1);
});
