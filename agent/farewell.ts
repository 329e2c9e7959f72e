import type { HostFacts, ProjectReport } from '../schema/agent-protocol.ts';
import { withDeadline } from './deadline.ts';
import type { Clock, ControlPlane, Log, ObservedStack, Runtime } from './deps.ts';
import { mayRun } from './plan.ts';

/** What goes into one report, as elsewhere. */
const mostProjects = 100;
const mostStrangers = 1_000;
const deadlineMs = 1_000;

/**
 * The last word of an agent that ends in order: which of its projects do not run any more, so that nobody takes them for
 * healthy until the host counts as lost. Comes after the runtime let go of its stacks. Best effort: what goes wrong is
 * logged, and it takes a second at most.
 */
export async function sayFarewell(
  controlPlane: ControlPlane,
  runtime: Pick<Runtime, 'observe'>,
  facts: HostFacts,
  deps: { clock: Clock; log: Log },
): Promise<void> {
  try {
    await withDeadline(deps.clock, deadlineMs, async (signal) => {
      const [list, stacks] = await Promise.all([controlPlane.desired(null, signal), runtime.observe({ signal })]);
      const wanted = new Set(list?.projects.filter(mayRun).map(({ ref }) => ref));
      const stopped = stacks.filter(({ ref }) => wanted.has(ref)).map(stoppedReport);
      const told = stopped.filter((report) => report !== null);
      const named = new Set(list?.projects.map(({ ref }) => ref));
      const strangers = stacks.map(({ ref }) => ref).filter((ref) => !named.has(ref));
      let sequence = list?.reportSequence ?? 0;
      for (let first = 0; first < told.length; first += mostProjects) {
        sequence += 1;
        const projects = told.slice(first, first + mostProjects);
        await controlPlane.report(
          { sequence, facts, verifiedAgeMs: null, projects, strangers: strangers.slice(0, mostStrangers) },
          signal,
        );
      }
    });
  } catch (error) {
    deps.log.warn('the control plane was not told that projects stopped', { reason: String(error) });
  }
}

/** null: it runs on without this agent, or nothing was told of it that would have to be taken back. */
function stoppedReport({ ref, generation, state, services }: ObservedStack): ProjectReport | null {
  if (state !== 'stopped' || generation === null) return null;
  const reason = 'It stopped together with the agent of its host.';
  return { ref, generation, phase: 'stopped', reason, verifiedAgeMs: null, gateway: null, services, drift: [] };
}
