import type { HostFacts } from '../schema/agent-protocol.ts';
import { portsPerProject } from '../schema/stack-spec.ts';

type PortRange = HostFacts['portRange'];

/**
 * The ports of a host that its projects may get: with Docker the last block of the range stays the agent's own, for what
 * serves the whole host.
 */
export function projectPorts(range: PortRange, runtime: HostFacts['runtime']): PortRange {
  return runtime === 'compose' ? { first: range.first, last: range.last - portsPerProject } : range;
}

/** Whether at least one project finds room in a range. */
export function holdsProject(range: PortRange, runtime: HostFacts['runtime']): boolean {
  const { first, last } = projectPorts(range, runtime);
  return last - first + 1 >= portsPerProject;
}

/** Where postgres-meta of a host with Docker listens, on the loopback interface: first of the ports that are its own. */
export function metaPort(range: PortRange): number {
  return range.last - portsPerProject + 1;
}
