import type { Clock, Log } from '../../deps.ts';
import type { AgentSettings } from '../../settings.ts';
import type { StackHost } from '../../stack/stack-host.ts';
import type { ComposeCli } from './compose-cli.ts';
import type { Edge } from './edge.ts';
import type { Engine } from './engine/engine.ts';
import type { FileReader } from './file-state.ts';
import type { HostStack } from './host-stack.ts';
import type { LifeStep } from './life-steps.ts';
import type { HostPaths } from './paths.ts';
import type { Watch } from './watch.ts';

/** What the verbs of this runtime share. Made once by `create-runtime.ts`. */
export type Host = {
  hostId: string;
  paths: HostPaths;
  settings: AgentSettings;
  /** projects are `<ref>.<projectHost>` */
  projectHost: string;
  clock: Clock;
  log: Log;
  randomBytes(size: number): Uint8Array;
  /** hears of every step that was done */
  onStep(step: LifeStep): void;
  engine: Engine;
  compose: ComposeCli;
  edge: Edge;
  /** the host's own two containers */
  stack: HostStack;
  /** what the engine showed last */
  watch: Watch;
  files: FileReader;
  /** what of the host shows in its stacks; asks the engine once what it can do */
  stackHost(signal: AbortSignal): Promise<StackHost>;
  /** where Postgres of the projects that run listens, by ref */
  databases: Map<string, { host: string; port: number }>;
};
