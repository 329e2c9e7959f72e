import type { LiveSpec } from '../../../schema/stack-spec.ts';
import type { Clock, Log } from '../../deps.ts';
import type { Gateway } from '../../edge/gateway.ts';
import type { Binaries } from './binaries.ts';
import type { Identity } from './child.ts';
import type { Functions } from './functions/functions.ts';
import type { WorkerBudget } from './functions/worker-budget.ts';
import type { LifeStep } from './life-steps.ts';
import type { Meta } from './meta.ts';
import type { HostPaths } from './paths.ts';
import type { RunningPostgres } from './postgres.ts';
import type { RunningRest } from './rest.ts';
import type { RestReadiness } from './rest-readiness.ts';

/** What the verbs of this runtime share. Made once by `create-runtime.ts`. */
export type Host = {
  paths: HostPaths;
  identity: Identity;
  /** name of the system user the agent runs as: Postgres lets it in as the superuser over its socket */
  agentUser: string;
  clock: Clock;
  log: Log;
  randomBytes(size: number): Uint8Array;
  /** hears of every step that was done */
  onStep(step: LifeStep): void;
  /** installs them when they are missing */
  binaries(): Promise<Binaries>;
  /** directory of a cluster that is converged already and stopped */
  template(signal: AbortSignal): Promise<string>;
  meta: Meta;
  queryTimeoutMs: number;
  restReadiness: RestReadiness;
  /** what all projects' functions share */
  functionBudget: WorkerBudget;
  /** what this agent started, by ref; what an earlier one left was stopped before */
  stacks: Map<string, Stack>;
};

/** The parts of a stack that were started. A part may have died since. */
export type Stack = {
  spec: LiveSpec;
  specHash: string;
  db: RunningPostgres | null;
  rest: RunningRest | null;
  functions: Functions | null;
  gateway: Gateway | null;
};
