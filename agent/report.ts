import type { ProjectReport, ServiceReport } from '../schema/agent-protocol.ts';
import type { WithheldSpec } from '../schema/stack-spec.ts';
import type { Attempts } from './backoff.ts';
import type { ObservedStack } from './deps.ts';
import type { Observation } from './observe.ts';
import { type Action, type DesiredStack, isConverged, mayRun } from './plan.ts';
import type { Health } from './probe.ts';

/** All that is known at one moment. */
export type View = {
  desired: readonly DesiredStack[];
  observation: Observation;
  /** actions in flight, by ref */
  running: ReadonlyMap<string, Action>;
  attempts: Attempts;
  health: (ref: string) => Health;
  now: number;
};

export type HostView = {
  projects: ProjectReport[];
  /** null: not known just now */
  strangers: string[] | null;
  /** the oldest verification among healthy projects; null when there is none or something is not known just now */
  verifiedAgeMs: number | null;
};

/** What there is to say of every project of the list, and of the host as a whole. */
export function hostView(view: View): HostView {
  const found = new Map(view.observation.stacks.map((stack) => [stack.ref, stack]));
  const reports = view.desired.map((wanted) => projectReport(wanted, found.get(wanted.spec.ref), view));
  const projects = reports.filter((report) => report !== null);
  const ages = projects.filter(({ phase }) => phase === 'healthy').map(({ verifiedAgeMs }) => verifiedAgeMs ?? 0);
  const isKnown = !reports.includes(null);
  const named = new Set(view.desired.map(({ spec }) => spec.ref));
  return {
    projects,
    strangers: [...found.keys()].filter((ref) => !named.has(ref)).sort(),
    verifiedAgeMs: isKnown && ages.length > 0 ? Math.max(...ages) : null,
  };
}

/**
 * Equal for two reports that tell the same, however long ago it was verified. On its way up a project is told once:
 * a report of each part that comes would only hold up the one that it is healthy.
 */
export function fingerprint({ verifiedAgeMs: _age, gateway, services, ...report }: ProjectReport): string {
  return JSON.stringify(report.phase === 'starting' ? report : { ...report, gateway, services });
}

type Said = Pick<ProjectReport, 'generation' | 'phase'> & { reason?: string };

/** null: nothing can be said that is true of now; the next look or probe will tell. */
function projectReport(wanted: DesiredStack, stack: ObservedStack | undefined, view: View): ProjectReport | null {
  const { ref } = wanted.spec;
  const health = view.health(ref);
  if (health.kind === 'unknown' && isAdopted(wanted, stack, view)) return null;
  const said = phase(wanted, stack, health, view);
  const verifiedAt = health.kind === 'unknown' ? null : health.verifiedAt;
  return {
    ref,
    generation: said.generation,
    phase: said.phase,
    reason: said.reason?.slice(0, 1000) ?? null,
    verifiedAgeMs: verifiedAt === null ? null : Math.max(0, Math.round(view.now - verifiedAt)),
    gateway: stack?.gateway ?? null,
    services: (stack?.services ?? []).map(shortened),
    drift: (stack?.drift ?? []).slice(0, 20).map((sentence) => sentence.slice(0, 300)),
  };
}

/**
 * A report carries the generation it is true of: the one in the list when the stack is what the list asks for or an
 * action on it failed, the action's while one is in flight, else the one the stack was last applied with.
 */
function phase(wanted: DesiredStack, stack: ObservedStack | undefined, health: Health, view: View): Said {
  const { spec } = wanted;
  const action = view.running.get(spec.ref);
  const last = view.attempts.get(spec.ref);
  const { generation } = action ?? spec;
  const failed = last?.generation === generation && last.failure !== null;
  const failure: Said | null = failed ? { generation, phase: 'failed', reason: last.failure ?? '' } : null;
  // a project that failed stays failed, with its reason, until another try succeeds
  if (action !== undefined) return failure ?? { generation, phase: action.kind === 'apply' ? 'starting' : 'stopping' };
  // an action ended and its effect was not seen yet: above all a removal is told only once it was seen
  if (isUnsettled(spec.ref, view)) return failure ?? waiting(spec);
  if (spec.power === 'withheld') return leftAlone(spec, stack, health);
  if (isConverged(wanted, stack)) return settled(spec, health);
  return failure ?? (stack === undefined ? waiting(spec) : asFound(wanted, stack, health));
}

function settled(spec: Exclude<DesiredStack['spec'], WithheldSpec>, health: Health): Said {
  const { generation } = spec;
  switch (spec.power) {
    case 'removed':
      return { generation, phase: 'removed' };
    case 'paused':
      return { generation, phase: 'stopped' };
    case 'running':
      return { generation, ...alive(health) };
    default:
      return spec satisfies never;
  }
}

/** What should be is not known here, so it is told of what is there, at the generation that was brought up. */
function leftAlone(spec: WithheldSpec, stack: ObservedStack | undefined, health: Health): Said {
  if (stack === undefined || stack.generation === null) {
    return { generation: spec.generation, phase: 'failed', reason: withheld };
  }
  const { generation, state } = stack;
  switch (state) {
    case 'running':
      return { generation, ...alive(health) };
    case 'partial':
      return { generation, phase: 'unhealthy', reason: `Parts of the project do not run. ${withheld}` };
    case 'stopped':
      return { generation, phase: 'stopped', reason: withheld };
    default:
      return state satisfies never;
  }
}

const withheld =
  "The control plane cannot open this project's secrets, so nothing of it is changed on its host; its log says why.";

/** Not what it should be, and nothing is being done about it just now. */
function asFound({ spec, specHash }: DesiredStack, stack: ObservedStack, health: Health): Said {
  const isCurrent = spec.power === 'running' && stack.specHash === specHash;
  const generation = isCurrent ? spec.generation : stack.generation;
  if (generation === null) return waiting(spec);
  switch (stack.state) {
    case 'running':
      return { generation, ...alive(health) };
    case 'partial':
      return { generation, phase: 'unhealthy', reason: 'Parts of the project do not run.' };
    case 'stopped':
      return spec.power === 'running' && isCurrent
        ? { generation, phase: 'unhealthy', reason: 'The project does not run.' }
        : { generation, phase: 'stopped' };
    default:
      return stack.state satisfies never;
  }
}

/** Its turn comes: the host does only so much at once. */
function waiting({ generation, power }: DesiredStack['spec']): Said {
  return { generation, phase: mayRun({ power }) ? 'starting' : 'stopping' };
}

function alive(health: Health): Omit<Said, 'generation'> {
  switch (health.kind) {
    case 'unknown':
      return { phase: 'starting' };
    case 'healthy':
      return { phase: 'healthy' };
    case 'unhealthy':
      return { phase: 'unhealthy', reason: health.reason };
    default:
      return health satisfies never;
  }
}

/** Found running by a new agent: whether it is healthy is not known before the first probe. */
function isAdopted(wanted: DesiredStack, stack: ObservedStack | undefined, { running, attempts }: View): boolean {
  const { ref } = wanted.spec;
  const isUp = stack?.state === 'running' && mayRun(wanted.spec) && isConverged(wanted, stack);
  return isUp && !running.has(ref) && !attempts.has(ref);
}

function isUnsettled(ref: string, { observation, running }: View): boolean {
  return observation.unsettled.has(ref) && !running.has(ref);
}

function shortened(service: ServiceReport): ServiceReport {
  return {
    ...service,
    version: service.version?.slice(0, 64) ?? null,
    error: service.error?.slice(0, 500) ?? null,
  };
}
