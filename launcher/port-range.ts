import { portsPerProject } from '../schema/stack-spec.ts';
import { claim } from './claim.ts';
import { StartFailure } from './failure.ts';
import { isTaken } from './free-port.ts';

export type PortRange = { first: number; last: number };

const firstOfAll = 20_000;
/** below the ports that Linux gives to outgoing connections */
const lastOfAll = 31_999;
const portsPerInstallation = 2_000;
const blocksLookedAt = 5;

/**
 * A range for this installation's projects in which nobody listens now, so that several installations fit on one
 * machine. It is chosen once, at enrolment. Throws a StartFailure when all are in use.
 */
export async function choosePortRange(): Promise<PortRange> {
  for (let first = firstOfAll; first < lastOfAll; first += portsPerInstallation) {
    const range = rangeFrom(first);
    if ((await holdPortRange(range)) && (await isQuiet(first))) return range;
  }
  throw new StartFailure(
    `Other programs listen in every range of ${portsPerInstallation} ports from ${firstOfAll} to ${lastOfAll}. Name one for ` +
      'the projects: PORT_RANGE=33000-34999 npm start',
  );
}

/**
 * Keeps other starts from choosing a range before anybody listens in it. Two of them in one would not notice: two edges
 * can listen on the same port, and each would get some of the other's requests.
 */
export function holdPortRange({ first }: PortRange): Promise<boolean> {
  return claim(`port-range-${first}`);
}

function rangeFrom(first: number): PortRange {
  return { first, last: first + portsPerInstallation - 1 };
}

async function isQuiet(first: number): Promise<boolean> {
  const inUseFirst = Array.from({ length: blocksLookedAt * portsPerProject }, (_, offset) => first + offset);
  // with Docker, the last block is the host's own
  const last = first + portsPerInstallation - 1;
  const ports = [...inUseFirst, ...Array.from({ length: portsPerProject }, (_, offset) => last - offset)];
  const taken = await Promise.all(ports.map((port) => isTaken('127.0.0.1', port)));
  return !taken.includes(true);
}
