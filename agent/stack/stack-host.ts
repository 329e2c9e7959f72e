import type { EdgeSettings } from '../settings.ts';
import type { ImageMap } from './image-map.ts';

/** What of a host shows in the stacks it runs. Pure data, no secret. */
export type StackHost = {
  /** whose containers these are: two agents may share an engine */
  hostId: string;
  /** projects are `<ref>.<projectHost>` */
  projectHost: string;
  edge: EdgeSettings;
  /** IPv4 network in CIDR form that projects' networks are cut from */
  addressPool: string;
  /** first port of the host's range: with a project's `firstPort` it tells which network is the project's */
  firstPort: number;
  images: ImageMap;
  /** the engine knows `healthcheck.start_interval` (25 and newer) */
  hasStartInterval: boolean;
  /** memory of the machine; Postgres asks for no more of it than a size fitting the machine would */
  memoryMiB?: number;
  /** the engine's own socket on this host, for what collects logs; `/var/run/docker.sock` unless given */
  dockerSocket?: string;
};
