import type { Log, Runtime } from '../../agent/deps.ts';
import { runLoop } from '../../agent/loop.ts';
import type { HostFacts, ProjectReport } from '../../schema/agent-protocol.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeControlPlane, type FakeControlPlane } from './fake-control-plane.ts';
import { createFakeRuntime, type FakeRuntime, type FakeStack, type FakeStep } from './fake-runtime.ts';
import { refOf } from './specs.ts';

export type Gate = (step: FakeStep) => Promise<void> | void;

export type Situation = {
  gate?: Gate;
  world?: Map<string, FakeStack>;
  runtime?: Partial<Runtime>;
  mode?: FakeControlPlane['mode'];
};

export type LoopUnderTest = {
  clock: FakeClock;
  controlPlane: FakeControlPlane;
  runtime: FakeRuntime;
  /** what was logged */
  lines: string[];
  stop: AbortController;
  /** null while the loop runs, then `stopped` or the error it ended with */
  ended(): unknown;
  /** everything that was told of the project of this letter */
  phases(letter: string): ProjectReport[];
};

const facts: HostFacts = {
  agentVersion: '0.0.0',
  runtime: 'embedded',
  projectHost: 'localhost',
  frontDoor: { host: '127.0.0.1', port: 5432 },
  portRange: { first: 20_000, last: 29_999 },
};

/** The agent's loop over a runtime, a control plane and a clock of memory; `signal` ends it with its test. */
export function startLoop(signal: AbortSignal, options: Situation = {}): LoopUnderTest {
  const clock = createFakeClock();
  const controlPlane = createFakeControlPlane();
  controlPlane.mode = options.mode ?? 'up';
  const runtime = createFakeRuntime(options);
  const lines: string[] = [];
  const stop = new AbortController();
  signal.addEventListener('abort', () => stop.abort());
  const deps = { clock, log: logTo(lines), random: () => 0.5, controlPlane, facts };
  let ended: unknown = null;
  runLoop({ ...deps, runtime: { ...runtime, ...options.runtime } }, stop.signal).then(
    () => {
      ended = 'stopped';
    },
    (error: unknown) => {
      ended = error;
    },
  );
  const phases = (letter: string) =>
    controlPlane.reports.flatMap(({ projects }) => projects.filter(({ ref }) => ref === refOf(letter)));
  return { clock, controlPlane, runtime, lines, stop, ended: () => ended, phases };
}

/** Holds the steps it matches until they are aborted, as a slow download would. */
export function hold(matches: (step: FakeStep) => boolean): Gate {
  return (step) =>
    matches(step)
      ? new Promise((_resolve, reject) => {
          step.signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
        })
      : undefined;
}

function logTo(lines: string[]): Log {
  const write = (message: string, fields?: Record<string, unknown>) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  return { info: write, warn: write, error: write };
}
