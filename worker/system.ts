import type { Clock, Random } from './deps.ts';

/** The worker's only source of time. */
export const systemClock: Clock = { now: () => Date.now() };

/** The worker's only source of chance. */
export const systemRandom: Random = {
  uuid: () => crypto.randomUUID(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};
