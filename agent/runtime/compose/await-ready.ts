import { RuntimeFailure } from '../../runtime-failure.ts';
import { readyPaths } from '../../stack/readiness.ts';
import type { RenderedService, RenderedStack } from '../../stack/rendered-stack.ts';
import { containersOf } from './containers-of.ts';
import type { EngineContainer } from './engine/container.ts';
import type { Host } from './host.ts';
import { isReady } from './is-ready.ts';

const askEveryMs = 150;
const lookEveryMs = 1_500;
/** the slowest services migrate a database of their own at their first start */
const readyWithinMs = 240_000;
/** what ends for want of a database that is still being made ready is started again by the engine, and recovers */
const mayEndForMs = 20_000;

/**
 * Resolves once every service of a stack that was started answers. Rejects with a RuntimeFailure that names the first
 * one that keeps ending, is found unhealthy, or does not get there in time.
 */
export async function awaitReady(host: Host, stack: RenderedStack, signal: AbortSignal): Promise<void> {
  const { clock } = host;
  const startedAt = clock.now();
  const troubledSince = new Map<string, number>();
  let waiting = stack.services;
  let lookedAt = startedAt;
  for (;;) {
    waiting = await unready(waiting, signal);
    signal.throwIfAborted();
    if (waiting.length === 0) return;
    const now = clock.now();
    if (now - startedAt > readyWithinMs) throw notReady(waiting, `within ${readyWithinMs / 1000} s`);
    if (now - lookedAt >= lookEveryMs) {
      lookedAt = now;
      refuseTrouble(waiting, await containersOf(host, stack.ref, signal), troubledSince, now);
    }
    await clock.sleep(askEveryMs, signal);
  }
}

async function unready(services: readonly RenderedService[], signal: AbortSignal): Promise<RenderedService[]> {
  const answers = await Promise.all(
    services.map(({ name, address, port }) => isReady({ address, port, path: readyPaths[name] }, signal)),
  );
  return services.filter((_, index) => answers[index] === false);
}

function refuseTrouble(
  waiting: readonly RenderedService[],
  containers: readonly EngineContainer[],
  since: Map<string, number>,
  now: number,
): void {
  for (const { name } of waiting) {
    const container = containers.find(({ service, isOneOff }) => service === name && !isOneOff);
    if (container?.health === 'unhealthy') throw new RuntimeFailure(`The ${name} container did not get healthy`);
    if (container?.state === 'running') continue; // between two ends: what counts is that it never answered
    const first = since.get(name) ?? now;
    since.set(name, first);
    if (now - first >= mayEndForMs) throw new RuntimeFailure(`The ${name} container ends again and again`);
  }
}

function notReady([first]: readonly RenderedService[], when: string): RuntimeFailure {
  return new RuntimeFailure(`The ${first?.name} container did not get healthy ${when}`);
}
