import type { DesiredResponse, HostFacts } from '../schema/agent-protocol.ts';
import { type Attempt, attempt } from './backoff.ts';
import type { Clock, ControlPlane, Log, Runtime } from './deps.ts';
import { createExecutor, defaultExecutorOptions, type ExecutorOptions, type Outcome } from './execute.ts';
import { createObserver, type Observation } from './observe.ts';
import { type DesiredStack, mayRun, plan } from './plan.ts';
import { createPoller } from './poll.ts';
import { createProber } from './probe.ts';
import { hostView } from './report.ts';
import { createReporter } from './reporter.ts';

export type AgentDeps = {
  clock: Clock;
  log: Log;
  /** in [0, 1) */
  random(): number;
  controlPlane: ControlPlane;
  runtime: Runtime;
  facts: HostFacts;
  executor?: ExecutorOptions;
};

/**
 * Makes this host what its list asks for, until `stop` is aborted; then everything in flight is aborted and waited for.
 * Rejects with a `ControlPlaneFailure` whose kind is one of `haltKinds` when the control plane wants it no more.
 */
export async function runLoop(deps: AgentDeps, stop: AbortSignal): Promise<void> {
  const bell = createBell();
  const agent = createAgent(deps, bell.ring);
  stop.addEventListener('abort', bell.ring, { once: true });
  try {
    while (!stop.aborted) {
      await tick(agent, stop);
      await bell.wait(deps.clock, Math.min(longestWaitMs, agent.poller.nextInMs(), agent.prober.nextInMs()));
    }
  } finally {
    stop.removeEventListener('abort', bell.ring);
    await agent.executor.close();
  }
}

const longestWaitMs = 1_000;

/** One round. It starts actions and probes and never waits for them; each of them rings when it has something to tell. */
async function tick(agent: Agent, stop: AbortSignal): Promise<void> {
  const desired = await agent.poller.desired(stop);
  if (desired === null || stop.aborted) return;
  const observation = await agent.observer.look();
  agent.execute(desired, observation);
  agent.probe(desired, observation);
  await agent.report(desired, observation, stop);
}

type Desired = readonly DesiredStack[];
type Agent = ReturnType<typeof createAgent>;

function createAgent(deps: AgentDeps, ring: () => void) {
  const { clock, log, random, runtime } = deps;
  const attempts = new Map<string, Attempt>();
  const executor = createExecutor(runtime, { clock, log, onEnd }, deps.executor ?? defaultExecutorOptions);
  const observer = createObserver(runtime, { clock, log, busy: () => executor.running().keys() });
  const prober = createProber(runtime, { clock, log, onChange: ring });
  const reporter = createReporter(deps.controlPlane, deps.facts, {
    clock,
    log,
    onDoubt: () => poller.resync(),
    onCursor: (cursor) => poller.noteCursor(cursor),
  });
  const poller = createPoller(deps.controlPlane, { clock, log, random, onList });

  function onEnd({ action, startedAt, endedAt, result }: Outcome): void {
    if (result.kind !== 'abandoned') {
      const failure = result.kind === 'failed' ? result.reason : null;
      const ended = { generation: action.generation, startedAt, endedAt, failure };
      attempts.set(action.ref, attempt(attempts.get(action.ref), ended, random()));
    }
    observer.expire();
    ring();
  }

  function onList(list: DesiredResponse): void {
    reporter.noteList(list);
    const named = new Set(list.projects.map(({ ref }) => ref));
    for (const ref of attempts.keys()) if (!named.has(ref)) attempts.delete(ref);
  }

  /** What was in flight while the picture was taken is planned from the next picture, unless it still is. */
  function execute(desired: Desired, observation: Observation | null): void {
    if (observation === null) return;
    const running = executor.running();
    const actions = plan(desired, observation.stacks, attempts, clock.now());
    const sound = actions.filter(({ ref }) => running.has(ref) || !observation.unsettled.has(ref));
    for (const { ref } of executor.start(sound)) observer.unsettle(ref);
  }

  function probe(desired: Desired, observation: Observation | null): void {
    const named = new Set(desired.filter(({ spec }) => mayRun(spec)).map(({ spec }) => spec.ref));
    const settled = observation?.stacks.filter(({ ref }) => named.has(ref) && !observation.unsettled.has(ref));
    const alive = settled?.filter(({ state }) => state === 'running').map(({ ref }) => ref);
    prober.watch(alive === undefined ? null : new Set(alive));
  }

  /** While nobody answers there is nobody to tell; while nothing can be seen, only that the host is alive. */
  async function report(desired: Desired, observation: Observation | null, stop: AbortSignal): Promise<void> {
    if (!poller.isAnswered()) return;
    const [running, now] = [executor.running(), clock.now()];
    const view = observation && hostView({ desired, observation, running, attempts, health: prober.health, now });
    await reporter.send(view ?? { projects: [], strangers: null, verifiedAgeMs: null }, stop);
  }

  return { executor, observer, prober, poller, execute, probe, report };
}

/** Lets a wait end early; a ring before the wait is not lost. */
function createBell(): { ring: () => void; wait(clock: Clock, milliseconds: number): Promise<void> } {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    async wait(clock, milliseconds) {
      if (milliseconds > 0 || rung.signal.aborted) await clock.sleep(milliseconds, rung.signal);
      else await clock.sleep(0);
      if (rung.signal.aborted) rung = new AbortController();
    },
  };
}
