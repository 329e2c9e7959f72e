import type { StackService } from '../../schema/stack-profiles.ts';

/** What a container of a stack sees of its host's disk. */
export type Mount =
  /** a named volume of the project, by its short name */
  | { kind: 'volume'; name: VolumeName; target: string; readOnly?: true }
  /**
   * a rendered file, read-only; `firstBoot`: read once, on an empty data directory, so that another content is no
   * reason to make the container anew
   */
  | { kind: 'file'; path: string; target: string; firstBoot?: true }
  /** a directory of the project, and which rendered files in it are the agent's */
  | { kind: 'directory'; path: string; target: string; rendered: string[] }
  /** the engine's own socket, read-only: whoever has it is root on the host */
  | { kind: 'engine-socket'; target: string };

export const volumeNames = ['db-data', 'db-config', 'storage-data', 'deno-cache'] as const;
export type VolumeName = (typeof volumeNames)[number];

/** How a service differs from the others; what they have in common is added by `composeService`. */
export type ServicePart = {
  /** where it listens */
  port: number;
  /** values may refer to `.env` by `${NAME}` */
  environment: Record<string, string>;
  command?: string[];
  mounts?: Mount[];
  waitsFor?: Partial<Record<StackService, 'started' | 'healthy'>>;
  /** a command as Compose's `test` has it; it may use only what upstream's image contains */
  health: string[];
  /** other names by which it is called in its network */
  aliases?: string[];
  /** `none`: upstream's image starts and stays unprivileged; `usual`: it starts as root and gives that up itself */
  capabilities: 'none' | 'usual';
  /** its program is no good first process: it would not hear that it shall stop */
  init?: true;
  openFiles?: number;
  /** how long a first start may take before it counts as failed; a minute unless given */
  startSeconds?: number;
  stopGraceSeconds?: number;
  shmMiB?: number;
  securityOptions?: string[];
};
