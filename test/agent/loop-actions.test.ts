import { afterEach, beforeEach, expect, test } from 'vitest';
import { RuntimeFailure } from '../../agent/runtime-failure.ts';
import type { FakeStep } from '../support/fake-runtime.ts';
import { hold, startLoop } from '../support/loop-under-test.ts';
import { pausedSpec, refOf, runningSpec } from '../support/specs.ts';

let life: AbortController;
beforeEach(() => {
  life = new AbortController();
});
afterEach(() => life.abort());

test('a newer generation cuts a running apply short, and its outcome is never told as the newer one', async () => {
  const isFirst = ({ verb, step }: FakeStep) => verb === 'apply' && step === 'start-db' && !released;
  let released = false;
  const { clock, controlPlane, phases } = startLoop(life.signal, { gate: hold(isFirst) });
  controlPlane.want(runningSpec('a'));
  await clock.advance(3_000);
  released = true;
  controlPlane.want(runningSpec('a', { generation: 2, restarts: 1 }));
  await clock.advance(5_000);
  expect(phases('a').map(({ generation, phase }) => `${generation} ${phase}`)).toEqual([
    '1 starting',
    '2 starting',
    '2 healthy',
  ]);
});

test('a stop is waited for before the project is started again: no two actions at once on one project', async () => {
  let inside = 0;
  let most = 0;
  const { clock, controlPlane, runtime } = startLoop(life.signal, {
    gate: async ({ verb, step }) => {
      if (verb === 'observe' || verb === 'probe') return;
      if (step === 'close-gateway' && verb === 'stop') {
        inside += 1;
        await clock.sleep(4_000);
        inside -= 1;
      }
      most = Math.max(most, inside + (verb === 'apply' ? 1 : 0));
    },
  });
  controlPlane.want(runningSpec('a'));
  await clock.advance(2_000);
  controlPlane.want(pausedSpec('a', { generation: 2 }));
  await clock.advance(2_000);
  controlPlane.want(runningSpec('a', { generation: 3 }));
  await clock.advance(10_000);
  expect(most).toBe(1);
  expect(runtime.calls.map(({ verb }) => verb)).toEqual(['apply', 'stop', 'apply']);
  expect(controlPlane.told.get(refOf('a'))).toMatchObject({ generation: 3, phase: 'healthy' });
});

test("a failure is told with the runtime's own words and tried again ever later", async () => {
  const { clock, controlPlane, runtime, phases } = startLoop(life.signal, {
    gate: ({ verb }) => {
      if (verb === 'apply') throw new RuntimeFailure('Port 20001 is in use by another process.');
    },
  });
  controlPlane.want(runningSpec('a'));
  await clock.advance(60_000);
  expect(runtime.calls.length).toBe(4);
  expect(phases('a').map(({ phase }) => phase)).toEqual(['starting', 'failed']);
  expect(phases('a').at(-1)?.reason).toBe('Port 20001 is in use by another process.');
});

test('an unexpected error tells no detail outside, and no secret even to the log', async () => {
  const { clock, controlPlane, lines, phases } = startLoop(life.signal, {
    gate: ({ verb }) => {
      if (verb === 'apply') throw new TypeError('cannot read ALTER ROLE x PASSWORD password-of-a');
    },
  });
  controlPlane.want(runningSpec('a'));
  await clock.advance(2_000);
  expect(phases('a').at(-1)?.reason).toBe(
    "The apply failed unexpectedly; the agent's log on the host has the details.",
  );
  expect(lines.join('\n')).toContain('PASSWORD ***');
  expect(lines.join('\n')).not.toContain('password-of-a');
});

test('an apply that hears nothing past its deadline is told failed, keeps its project busy, and frees its place', async () => {
  const deaf = new Set(['d', 'e', 'f', 'g'].map(refOf));
  const { clock, controlPlane, runtime, phases } = startLoop(life.signal, {
    gate: ({ ref, verb }) => (verb === 'apply' && deaf.has(ref) ? new Promise(() => {}) : undefined),
  });
  controlPlane.want(...['d', 'e', 'f', 'g', 'a'].map((letter) => runningSpec(letter)));
  await clock.advance(599_000);
  expect(phases('a').map(({ phase }) => phase)).toEqual(['starting']);
  await clock.advance(30_000);
  expect(phases('d').map(({ phase }) => phase)).toEqual(['starting', 'failed']);
  expect(phases('d').at(-1)?.reason).toBe('The apply did not finish within 600 s.');
  expect(phases('a').at(-1)?.phase).toBe('healthy');
  expect(runtime.calls.filter(({ ref }) => ref === refOf('d'))).toHaveLength(1);
});

test('a stop ends everything in flight and waits for it', async () => {
  const { clock, controlPlane, stop, ended } = startLoop(life.signal, { gate: hold(({ verb }) => verb === 'apply') });
  controlPlane.want(runningSpec('a'));
  await clock.advance(2_000);
  stop.abort();
  await clock.advance(10);
  expect(ended()).toBe('stopped');
});
