import { afterEach, beforeEach, expect, test } from 'vitest';
import { ControlPlaneFailure } from '../../agent/control-plane-failure.ts';
import { startLoop } from '../support/loop-under-test.ts';
import { pausedSpec, refOf, removedSpec, runningSpec } from '../support/specs.ts';

let life: AbortController;
beforeEach(() => {
  life = new AbortController();
});
afterEach(() => life.abort());

test('a lost report of removal is sent again until the list no longer asks', async () => {
  const { clock, controlPlane, runtime, phases } = startLoop(life.signal);
  controlPlane.want(runningSpec('a'));
  await clock.advance(2_000);
  controlPlane.mode = 'lost';
  controlPlane.want(removedSpec('a', 2));
  await clock.advance(5_000);
  expect(runtime.world.size).toBe(0);
  expect(phases('a').some(({ phase }) => phase === 'removed')).toBe(false);
  controlPlane.mode = 'up';
  await clock.advance(10_000);
  expect(controlPlane.told.get(refOf('a'))).toMatchObject({ phase: 'removed', generation: 2 });
  await clock.advance(30_000);
  expect(phases('a').filter(({ phase }) => phase === 'removed').length).toBeGreaterThan(2);
  controlPlane.want();
  await clock.advance(2_000);
  const count = phases('a').length;
  await clock.advance(30_000);
  expect(phases('a').length).toBe(count);
});

test('a report whose answer was lost is not taken for a copied key', async () => {
  const { clock, controlPlane, ended } = startLoop(life.signal);
  controlPlane.want(runningSpec('a'));
  controlPlane.mode = 'deaf';
  await clock.advance(20_000);
  controlPlane.mode = 'up';
  await clock.advance(20_000);
  expect(ended()).toBeNull();
  expect(controlPlane.told.get(refOf('a'))?.phase).toBe('healthy');
});

test('what changed back while the answer to a report was lost is told again', async () => {
  const { clock, controlPlane, runtime } = startLoop(life.signal);
  controlPlane.want(runningSpec('a'));
  await clock.advance(20_000);
  controlPlane.mode = 'deaf';
  Object.assign(runtime.world.get(refOf('a')) ?? {}, { db: false });
  await clock.advance(10_000);
  controlPlane.mode = 'up';
  await clock.advance(40_000);
  expect(controlPlane.told.get(refOf('a'))?.phase).toBe('healthy');
});

test('reports of a copy of the key lock this agent: it ends and touches nothing', async () => {
  const { clock, controlPlane, runtime, ended } = startLoop(life.signal);
  controlPlane.want(runningSpec('a'));
  await clock.advance(5_000);
  controlPlane.sequence += 3;
  controlPlane.want(removedSpec('a', 2));
  await clock.advance(20_000);
  expect(ended()).toMatchObject({ kind: 'key-in-use' });
  expect(runtime.world.get(refOf('a'))).toMatchObject({ db: true });
});

test('a control plane that was set back to an older state is told everything again', async () => {
  const { clock, controlPlane, ended } = startLoop(life.signal);
  controlPlane.want(runningSpec('a'));
  await clock.advance(60_000);
  controlPlane.sequence = 0;
  controlPlane.told.clear();
  controlPlane.want(runningSpec('a'));
  await clock.advance(2_000);
  expect(ended()).toBeNull();
  expect(controlPlane.told.get(refOf('a'))?.phase).toBe('healthy');
});

test('a control plane that is down leaves what runs alone, and is asked less and less often', async () => {
  const { clock, controlPlane, runtime, lines } = startLoop(life.signal);
  controlPlane.want(runningSpec('a'), pausedSpec('b'));
  await clock.advance(5_000);
  controlPlane.mode = 'down';
  const [calls, requests] = [runtime.calls.length, controlPlane.log.length];
  await clock.advance(600_000);
  expect(runtime.calls.length).toBe(calls);
  const asked = controlPlane.log.slice(requests);
  expect(asked).not.toContain('report');
  expect(asked.length).toBeLessThan(35);
  expect(lines.filter((line) => line.includes('no list from'))).toHaveLength(1);
  controlPlane.mode = 'up';
  await clock.advance(31_000);
  expect(controlPlane.log.at(-1)).toBe('poll');
});

test('an agent that never reached its control plane does not even look around', async () => {
  const world = new Map([[refOf('a'), { data: 'x', specHash: 'x', generation: 1, db: true, gateway: true }]]);
  let looks = 0;
  const { clock, controlPlane, runtime } = startLoop(life.signal, {
    world,
    mode: 'down',
    gate: () => {
      looks += 1;
    },
  });
  await clock.advance(120_000);
  expect({ calls: runtime.calls, looks, reports: controlPlane.reports }).toEqual({ calls: [], looks: 0, reports: [] });
});

test('a part that dies while the control plane is down is repaired all the same', async () => {
  const { clock, controlPlane, runtime } = startLoop(life.signal);
  controlPlane.want(runningSpec('a'));
  await clock.advance(70_000);
  controlPlane.mode = 'down';
  await clock.advance(1_000);
  Object.assign(runtime.world.get(refOf('a')) ?? {}, { db: false });
  await clock.advance(10_000);
  expect(runtime.world.get(refOf('a'))).toMatchObject({ db: true, gateway: true });
});

test.each(['revoked', 'version-unsupported'] as const)('a host that is %s ends and touches nothing', async (kind) => {
  const { clock, controlPlane, runtime, ended } = startLoop(life.signal);
  controlPlane.want(runningSpec('a'));
  await clock.advance(5_000);
  const calls = runtime.calls.length;
  controlPlane.refusal = new ControlPlaneFailure(kind, 'no');
  await clock.advance(5_000);
  expect(ended()).toMatchObject({ kind });
  expect(runtime.calls.length).toBe(calls);
});

test('a control plane that lost its memory of this host stops nothing, is asked less and less, and is told of loudly', async () => {
  const { clock, controlPlane, runtime, lines, ended } = startLoop(life.signal);
  controlPlane.want(runningSpec('a'));
  await clock.advance(5_000);
  controlPlane.refusal = new ControlPlaneFailure('not-recognized', 'Unknown host');
  const requests = controlPlane.log.length;
  await clock.advance(600_000);
  expect(ended()).toBeNull();
  expect(runtime.world.get(refOf('a'))).toMatchObject({ db: true, gateway: true });
  const tries = controlPlane.log.length - requests;
  expect(tries).toBeLessThan(35);
  expect(lines.filter((line) => line.includes('does not recognize this host')).length).toBeGreaterThan(tries / 2);
  controlPlane.refusal = null;
  await clock.advance(40_000);
  expect(controlPlane.log.at(-1)).toBe('poll');
  expect(controlPlane.told.get(refOf('a'))?.phase).toBe('healthy');
});

test('a wall clock that is set back stops neither polls nor heartbeats nor probes', async () => {
  const { clock, controlPlane } = startLoop(life.signal);
  controlPlane.want(runningSpec('a'));
  await clock.advance(20_000);
  clock.set(clock.now() - 86_400_000);
  await clock.advance(2_000);
  const before = controlPlane.log.length;
  await clock.advance(30_000);
  const since = controlPlane.log.slice(before);
  expect(since.filter((kind) => kind === 'poll').length).toBeGreaterThan(20);
  expect(since.filter((kind) => kind === 'report').length).toBeGreaterThanOrEqual(2);
});
