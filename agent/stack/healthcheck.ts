import type { ComposeHealthcheck } from './compose-service.ts';

/**
 * How often a container is asked. An engine that knows `start_interval` asks every second until it is healthy and rarely
 * after that; an older one has only one interval, which is also how long a start can go unnoticed.
 */
export function healthcheck(test: string[], hasStartInterval: boolean, startSeconds = 60): ComposeHealthcheck {
  const common = { test, timeout: '5s', start_period: `${startSeconds}s` };
  return hasStartInterval
    ? { ...common, interval: '30s', retries: 3, start_interval: '1s' }
    : { ...common, interval: '3s', retries: 10 };
}
