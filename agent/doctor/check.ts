import type { HostFacts } from '../../schema/agent-protocol.ts';
import type { DockerPlace } from '../docker-place.ts';
import type { WantedSettings } from './with-address-pool.ts';

/** What one check found. `advice`: what to do about it; a warning stops nothing. */
export type Verdict =
  | { status: 'ok'; detail: string }
  | { status: 'warning' | 'failed'; detail: string; advice: string };

/** A verdict by the name of its check: part of the JSON output. */
export type Finding = Verdict & { check: string };

/** The host that is judged: one that joined, or one that is about to. */
export type Subject = {
  url: string;
  /** null: it has not joined yet */
  hostId: string | null;
  dataDir: string;
  projectHost: string;
  portRange: HostFacts['portRange'];
  settings: WantedSettings;
};

export type CheckContext = {
  subject: Subject;
  docker: DockerPlace;
  now(): number;
  signal: AbortSignal;
};

/** One look at the machine. It changes nothing that lasts and ends within seconds. */
export type Check = { name: string; run(context: CheckContext): Promise<Verdict> };

export function ok(detail: string): Verdict {
  return { status: 'ok', detail };
}

export function warning(detail: string, advice: string): Verdict {
  return { status: 'warning', detail, advice };
}

export function failed(detail: string, advice: string): Verdict {
  return { status: 'failed', detail, advice };
}
