import type { ServiceReport } from '../../../schema/agent-protocol.ts';
import { type ServiceName, serviceNames } from '../../../schema/project-status.ts';
import { type StackService, shownServices, stackServices } from '../../../schema/stack-profiles.ts';
import type { ObservedStack } from '../../deps.ts';
import type { Applied } from './applied.ts';
import type { EngineContainer } from './engine/container.ts';

/** All that is known of one stack at one moment. */
export type StackFacts = {
  ref: string;
  applied: Applied | null;
  /** of this project only */
  containers: readonly EngineContainer[];
  /** postgres-meta of the host */
  meta: EngineContainer | null;
  /** ids of containers whose limits were changed by hand */
  updated: ReadonlySet<string>;
  /** where clients reach it; null while it is not served */
  gateway: ObservedStack['gateway'];
  /** a sentence for each of the agent's files that is not as it was written */
  fileDrift: readonly string[];
  /** why the engine tells nothing just now; null: it does */
  blind: string | null;
  /** services that answered the agent just now while Docker had not asked them yet */
  answering: ReadonlySet<string>;
};

/** What a stack is, out of what was found of it. */
export function observedStack(facts: StackFacts): ObservedStack {
  const { ref, applied, gateway, fileDrift } = facts;
  return {
    ref,
    specHash: applied?.specHash ?? null,
    generation: applied?.generation ?? null,
    state: stateOf(facts),
    services: servicesOf(facts),
    gateway,
    drift: [...fileDrift, ...containerDrift(facts)],
  };
}

/** `running`: every container it was brought up with runs; `stopped`: none at all does; `partial`: anything between. */
function stateOf({ applied, containers }: StackFacts): ObservedStack['state'] {
  if (!containers.some(isUp)) return 'stopped';
  if (applied === null) return 'partial';
  const wanted = Object.keys(applied.services);
  return wanted.every((name) => containerOf(containers, name)?.state === 'running') ? 'running' : 'partial';
}

/** What somebody did to containers that run; one that is gone or stopped makes the stack partial instead. */
function containerDrift({ applied, containers, updated }: StackFacts): string[] {
  if (applied === null) return [];
  const sentences = Object.entries(applied.services).flatMap(([name, was]): string[] => {
    const found = containerOf(containers, name);
    if (found === undefined || found.state !== 'running') return [];
    if (found.hash !== was.hash) return [`the ${name} container is not the one that was made`];
    if (was.configHash !== null && found.configHash !== was.configHash)
      return [`the ${name} container was made anew with other settings`];
    if (found.addresses[applied.network] !== was.address) return [`the ${name} container was taken off its network`];
    if (updated.has(found.id)) return [`the limits of the ${name} container were changed by hand`];
    return [];
  });
  const extra = containers.filter(({ service, state }) => !(service in applied.services) && state === 'running');
  return [
    ...sentences,
    ...extra.map(({ service }) => `a ${service || 'nameless'} container runs that is not part of it`),
  ];
}

function servicesOf(facts: StackFacts): ServiceReport[] {
  return serviceNames.map((name) => (name === 'pg_meta' ? metaReport(facts) : serviceReport(name, facts)));
}

function serviceReport(name: ServiceName, facts: StackFacts): ServiceReport {
  const { applied, containers, blind } = facts;
  const part = stackServices.find((service) => shownServices[service] === name);
  const container = part === undefined ? undefined : containerOf(containers, part);
  const isWanted = part !== undefined && (applied === null ? container !== undefined : part in applied.services);
  if (!isWanted) return { name, status: 'absent', version: null, error: null };
  const image = container === undefined || isImageId(container.image) ? imageOf(applied, part) : container.image;
  return {
    name,
    status: container === undefined ? missing(containers) : statusOf(container, facts),
    version: image === null ? null : versionOf(image),
    error: blind ?? errorOf(container, containers),
  };
}

/** One for the whole host: it counts for a project that is up. */
function metaReport({ containers, meta, blind }: StackFacts): ServiceReport {
  const name = 'pg_meta';
  const version = meta === null || isImageId(meta.image) ? null : versionOf(meta.image);
  if (!containers.some(isUp)) return { name, status: 'stopped', version, error: blind };
  if (meta?.state !== 'running')
    return { name, status: 'unhealthy', version, error: blind ?? "The host's postgres-meta does not run" };
  return { name, status: statusOf(meta, { containers: [], answering: new Set() }), version, error: blind };
}

function statusOf(
  { state, health, service }: EngineContainer,
  { containers, answering }: Pick<StackFacts, 'containers' | 'answering'>,
): ServiceReport['status'] {
  switch (state) {
    case 'running':
      return health === 'none' || (health === 'starting' && answering.has(service)) ? 'healthy' : health;
    case 'created':
      return 'starting';
    case 'paused':
    case 'restarting':
      return 'unhealthy';
    case 'exited':
      return missing(containers);
    default:
      return state satisfies never;
  }
}

/** A part that does not run is as it should be only when the whole stack is stopped. */
function missing(all: readonly EngineContainer[]): ServiceReport['status'] {
  return all.some(isUp) ? 'unhealthy' : 'stopped';
}

function errorOf(container: EngineContainer | undefined, all: readonly EngineContainer[]): string | null {
  if (container === undefined) return all.some(isUp) ? 'Its container is gone' : null;
  if (container.state === 'restarting') return 'Its container ends again and again';
  if (container.state === 'paused') return 'Its container was paused by hand';
  return container.state === 'exited' && all.some(isUp) ? 'Its container does not run' : null;
}

function containerOf(containers: readonly EngineContainer[], service: string): EngineContainer | undefined {
  const found = containers.filter((container) => container.service === service);
  return found.find(({ state }) => state === 'running') ?? found[0];
}

function isUp({ state }: EngineContainer): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}

function imageOf(applied: Applied | null, service: StackService): string | null {
  return applied?.services[service]?.image ?? null;
}

/** An image whose tag has moved on is listed by its id. */
function isImageId(image: string): boolean {
  return /^(sha256:)?[0-9a-f]{12,64}$/.test(image);
}

/** The tag of an image, or the beginning of its digest. */
function versionOf(image: string): string | null {
  const [name = '', digest] = image.split('@');
  const tag = /:([\w][\w.-]{0,127})$/.exec(name)?.[1];
  return (tag ?? digest?.slice(0, 19))?.slice(0, 64) ?? null;
}
