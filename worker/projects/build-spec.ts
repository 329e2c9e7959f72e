import type { InstanceSize } from '../../schema/instance-sizes.ts';
import type { Power } from '../../schema/project-status.ts';
import type { StackProfile } from '../../schema/stack-profiles.ts';
import { liveSpec, type StackSecrets, type StackSpec } from '../../schema/stack-spec.ts';

/** The columns of a project that say what its stack should be. */
export type SpecRow = {
  ref: string;
  generation: number;
  power: Power;
  restarts: number;
  release: string;
  postgresVersion: string;
  profile: StackProfile;
  size: InstanceSize;
  firstPort: number | null;
  /** JSON of `liveSpec.rest` */
  rest: string;
};

/**
 * What the project's host should run. A removed project needs no secrets. Null: there is nothing a host could do, since
 * the project never got its ports.
 */
export function buildSpec(row: SpecRow, secrets: StackSecrets | null): StackSpec | null {
  const { ref, generation, power, restarts, release, postgresVersion, profile, size, firstPort } = row;
  if (power === 'removed') return { ref, generation, power };
  if (firstPort === null) return null;
  if (secrets === null) throw new Error(`the secrets of project ${ref} are missing`);
  const stack = { release, postgresVersion, profile, size, firstPort, rest: restSettings(row.rest), secrets };
  return { ref, generation, power, restarts, ...stack };
}

/** The settings of the data API as they are stored. */
export function restSettings(stored: string): (typeof liveSpec.shape.rest)['_output'] {
  return liveSpec.shape.rest.parse(JSON.parse(stored));
}
