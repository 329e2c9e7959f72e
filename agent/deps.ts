import type {
  DesiredResponse,
  HostFacts,
  ReportRequest,
  ReportResponse,
  ServiceReport,
} from '../schema/agent-protocol.ts';
import type { LiveSpec } from '../schema/stack-spec.ts';

/** Milliseconds since the epoch, and a way to wait that a stop can cut short. */
export type Clock = {
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
};

/** One JSON line per event. Fields never hold a secret. */
export type Log = {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
};

/** A stack as found on this host, known by our label only. */
export type ObservedStack = {
  ref: string;
  /** hash of the spec it was last applied with; null when it was never applied whole */
  specHash: string | null;
  generation: number | null;
  /** `partial`: some of its parts run, others should and do not */
  state: 'running' | 'partial' | 'stopped';
  services: ServiceReport[];
  gateway: { protocol: 'http' | 'https'; endpoint: string } | null;
  /** what somebody changed by hand since the last apply, a sentence each; applying puts it right */
  drift: string[];
};

/**
 * Where stacks live. Every verb is idempotent, may be called again after a crash at any point of it, and touches only
 * what carries our label. Errors thrown are `RuntimeFailure`s: their message is shown to users and holds no secret.
 */
export type Runtime = {
  kind: HostFacts['runtime'];
  /** Looks, and changes nothing; gives up when it is told to. */
  observe(options: { signal: AbortSignal }): Promise<ObservedStack[]>;
  /** Brings the stack to its spec: makes data where there is none, starts, converges the database, opens the gateway. */
  apply(spec: LiveSpec, options: { specHash: string; signal: AbortSignal }): Promise<void>;
  /** Stops every part; data stays. */
  stop(ref: string, options: { signal: AbortSignal }): Promise<void>;
  /** Leaves no process, port, file or secret of the project. */
  remove(ref: string, options: { signal: AbortSignal }): Promise<void>;
  /** An authenticated request through the project's gateway that reaches Postgres. Resolves when it did. */
  probe(ref: string, options: { signal: AbortSignal }): Promise<void>;
  /** Stops or lets go of what the runtime itself holds (gateway listeners, shared services). */
  close(): Promise<void>;
};

/** The control plane as the agent sees it. */
export type ControlPlane = {
  /** null: nothing changed since the cursor */
  desired(cursor: number | null, signal: AbortSignal): Promise<DesiredResponse | null>;
  report(report: ReportRequest, signal: AbortSignal): Promise<ReportResponse>;
};
