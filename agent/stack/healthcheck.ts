import type { ComposeHealthcheck } from './compose-service.ts';

export type HealthcheckOptions = {
  /** the engine knows `start_interval` */
  hasStartInterval: boolean;
  /** another service starts only once this one is healthy */
  isAwaited: boolean;
  /** how long a first start may take before it counts as failed; a minute unless given */
  startSeconds?: number;
};

/**
 * How often a container is asked. Each time is a process started in it, which adds up over a fleet, so it is rare once
 * the container is healthy. An engine that knows `start_interval` asks every second until then. An older one has only one
 * interval: what others wait for is asked often there, the rest rarely, and the agent itself asks the services by
 * network (`readiness.ts`), at once and for next to nothing.
 */
export function healthcheck(test: string[], options: HealthcheckOptions): ComposeHealthcheck {
  const { hasStartInterval, isAwaited, startSeconds = 60 } = options;
  const common = { test, timeout: '5s', start_period: `${startSeconds}s`, retries: 3 };
  if (hasStartInterval) return { ...common, interval: '30s', start_interval: '1s' };
  return isAwaited ? { ...common, interval: '4s', retries: 8 } : { ...common, interval: '30s' };
}
