import type { Clock, Log } from '../../deps.ts';
import type { Edge } from './edge.ts';
import type { HostStack } from './host-stack.ts';
import type { Picture } from './watch.ts';

/** Keeps the host's own containers up, and the edge told, whenever a picture of the engine shows a need. */
export type Tender = { tend(picture: Picture): void; ended(): Promise<void> };

type TendParts = { stack: HostStack; edge: Edge; closing: AbortSignal };

const shortestPauseMs = 1_000;
const longestPauseMs = 60_000;
/** a certificate that was renewed, a listener that is free again */
const tellEveryMs = 30_000;

/** Never waits and never rejects: what fails is tried again after a pause. */
export function createTender({ stack, edge, closing }: TendParts, deps: { clock: Clock; log: Log }): Tender {
  let running: Promise<void> | null = null;
  let notBefore = 0;
  let pauseMs = shortestPauseMs;
  let toldAt: number | null = null;
  let toldTo: string | null = null;

  async function work(edgeId: string | null, isUp: boolean): Promise<void> {
    if (!isUp) await stack.ensure(closing);
    await edge.load(closing);
    toldAt = deps.clock.now();
    toldTo = edgeId;
  }

  function tend({ containers, blind }: Picture): void {
    const now = deps.clock.now();
    if (running !== null || blind !== null || closing.aborted || now < notBefore) return;
    const own = containers.filter(({ ref, state }) => ref === null && state === 'running');
    const well = own.filter(({ service, health }) => service !== 'meta' || health !== 'unhealthy');
    const isUp = ['edge', 'meta'].every((name) => well.some(({ service }) => service === name));
    const edgeId = own.find(({ service }) => service === 'edge')?.id ?? null;
    const isTold = toldAt !== null && now - toldAt < tellEveryMs && toldTo === edgeId;
    // a host that has never had a project needs neither
    const isNeeded = own.length > 0 || containers.some(({ ref }) => ref !== null);
    if (!isNeeded || (isUp && isTold)) return;
    running = work(edgeId, isUp)
      .then(
        () => {
          pauseMs = shortestPauseMs;
        },
        (error: unknown) => {
          if (closing.aborted) return;
          deps.log.warn("the host's edge could not be looked after; it is tried again", {
            reason: error instanceof Error ? error.message : String(error),
            inMs: pauseMs,
          });
          notBefore = deps.clock.now() + pauseMs;
          pauseMs = Math.min(longestPauseMs, pauseMs * 2);
        },
      )
      .finally(() => {
        running = null;
      });
  }

  return {
    tend,
    async ended() {
      await running;
    },
  };
}
