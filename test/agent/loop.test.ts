import { afterEach, beforeEach, expect, test } from 'vitest';
import { RuntimeFailure } from '../../agent/runtime-failure.ts';
import { hold, startLoop } from '../support/loop-under-test.ts';
import { refOf, runningSpec, withheldSpec } from '../support/specs.ts';

let life: AbortController;
beforeEach(() => {
  life = new AbortController();
});
afterEach(() => life.abort());

test('a project comes up, is asked through its gateway and is told healthy within a second', async () => {
  const { clock, controlPlane, phases } = startLoop(life.signal);
  await clock.advance(3_000);
  controlPlane.want(runningSpec('a'));
  await clock.advance(1_200);
  expect(phases('a').map(({ phase }) => phase)).toEqual(['starting', 'healthy']);
  expect(controlPlane.told.get(refOf('a'))).toMatchObject({ generation: 1, gateway: { protocol: 'http' } });
});

test("a slow apply never delays another project's report, nor polls, nor heartbeats", async () => {
  const slow = refOf('s');
  const { clock, controlPlane, phases } = startLoop(life.signal, {
    gate: hold(({ ref, verb }) => ref === slow && verb === 'apply'),
  });
  controlPlane.want(runningSpec('s'));
  await clock.advance(2_000);
  controlPlane.want(runningSpec('s'), runningSpec('a'));
  await clock.advance(2_000);
  expect(phases('a').at(-1)?.phase).toBe('healthy');
  const before = controlPlane.log.length;
  await clock.advance(60_000);
  expect(phases('s').map(({ phase }) => phase)).toEqual(['starting']);
  const since = controlPlane.log.slice(before);
  expect(since.filter((kind) => kind === 'poll').length).toBeGreaterThan(40);
  expect(since.filter((kind) => kind === 'report').length).toBe(5);
});

test('a slow look at the stacks is given up and heartbeats go on', async () => {
  const { clock, controlPlane, lines } = startLoop(life.signal, { runtime: { observe: () => new Promise(() => {}) } });
  controlPlane.want(runningSpec('a'));
  await clock.advance(60_000);
  expect(controlPlane.reports.length).toBeGreaterThan(2);
  expect(controlPlane.reports.every(({ verifiedAgeMs }) => verifiedAgeMs === null)).toBe(true);
  expect(lines.join('\n')).toContain('did not finish within 10 s');
});

test('an idle agent sends only polls and a heartbeat every 12 s, fresh enough to vouch for its projects', async () => {
  const { clock, controlPlane } = startLoop(life.signal);
  controlPlane.want(runningSpec('a'), runningSpec('b'));
  await clock.advance(30_000);
  const [before, reports] = [controlPlane.log.length, controlPlane.reports.length];
  await clock.advance(60_000);
  const since = controlPlane.log.slice(before);
  const heartbeats = controlPlane.reports.slice(reports);
  expect(since.filter((kind) => kind === 'report').length).toBe(heartbeats.length);
  expect(heartbeats.length).toBe(5);
  expect(since.length - heartbeats.length).toBeLessThanOrEqual(67);
  for (const heartbeat of heartbeats) {
    expect(heartbeat.projects).toEqual([]);
    expect(heartbeat.verifiedAgeMs).toBeLessThan(10_000);
  }
});

test('a project whose gateway falls silent is told unhealthy within 15 s, and healthy again at once', async () => {
  let silent = false;
  const { clock, controlPlane, phases } = startLoop(life.signal, {
    gate: ({ verb }) => {
      if (verb === 'probe' && silent) throw new RuntimeFailure('silence');
    },
  });
  controlPlane.want(runningSpec('a'));
  await clock.advance(20_000);
  silent = true;
  await clock.advance(15_000);
  expect(phases('a').at(-1)).toMatchObject({ phase: 'unhealthy', generation: 1 });
  silent = false;
  await clock.advance(2_100);
  expect(phases('a').at(-1)).toMatchObject({ phase: 'healthy', verifiedAgeMs: 0 });
});

test('a project whose probes hang is told unhealthy, and never vouched for', async () => {
  let hangs = false;
  const { clock, controlPlane, phases } = startLoop(life.signal, {
    gate: ({ verb }) => (verb === 'probe' && hangs ? new Promise(() => {}) : undefined),
  });
  controlPlane.want(runningSpec('a'));
  await clock.advance(20_000);
  hangs = true;
  await clock.advance(30_000);
  expect(phases('a').at(-1)?.phase).toBe('unhealthy');
  expect(controlPlane.reports.every(({ verifiedAgeMs }) => (verifiedAgeMs ?? 0) <= 15_000)).toBe(true);
});

test('a project that is withheld is left as it is, and still probed', async () => {
  const { clock, controlPlane, runtime } = startLoop(life.signal);
  controlPlane.want(runningSpec('a'));
  await clock.advance(5_000);
  const calls = runtime.calls.length;
  controlPlane.want(withheldSpec('a', 2), withheldSpec('b', 1));
  await clock.advance(60_000);
  expect(controlPlane.told.get(refOf('a'))).toMatchObject({ phase: 'healthy', generation: 1 });
  expect(controlPlane.told.get(refOf('b'))).toMatchObject({ phase: 'failed', generation: 1 });
  expect(controlPlane.reports.at(-1)?.verifiedAgeMs).toBeLessThan(30_000);
  Object.assign(runtime.world.get(refOf('a')) ?? {}, { db: false });
  await clock.advance(30_000);
  expect(controlPlane.told.get(refOf('a'))?.phase).toBe('unhealthy');
  expect(runtime.calls.length).toBe(calls);
});

test('strangers are shown and never touched', async () => {
  const world = new Map([[refOf('x'), { data: 'x', specHash: 'x', generation: 1, db: true, gateway: false }]]);
  const { clock, controlPlane, runtime } = startLoop(life.signal, { world });
  controlPlane.want(runningSpec('a'));
  await clock.advance(30_000);
  expect(controlPlane.reports.at(-1)?.strangers).toEqual([refOf('x')]);
  expect(runtime.calls.every(({ ref }) => ref !== refOf('x'))).toBe(true);
});
