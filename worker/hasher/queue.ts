/** Milliseconds since the epoch, and a pause that lets the event loop take in other requests. */
export type Pace = { now(): number; pause(milliseconds: number): Promise<void> };

export type QueueOptions = {
  /** jobs that may wait beside the one that runs */
  waiting: number;
  /** how often a waiting job asks whether it is its turn */
  everyMs: number;
  /** a waiting job that did not ask for this long is gone, with its client */
  goneAfterMs: number;
};

export type Queue = {
  /** Runs the job when it is its turn, one at a time. Errors: `QueueFullError`, and what the job throws. */
  run<Result>(job: () => Result): Promise<Result>;
};

/** No place in the line; the same request may find one later. */
export class QueueFullError extends Error {
  override name = 'QueueFullError';
}

/**
 * A bounded first-come-first-served line for jobs that keep the thread busy. Every job waits by itself and none is
 * called by another: a request that is cut off in the middle of its wait stops asking, and so loses its place.
 */
export function createQueue(pace: Pace, options: QueueOptions): Queue {
  const line: { askedAt: number }[] = [];

  function dropGone(): void {
    const since = pace.now() - options.goneAfterMs;
    for (let index = line.length - 1; index >= 0; index -= 1) {
      if ((line[index]?.askedAt ?? 0) < since) line.splice(index, 1);
    }
  }

  return {
    async run(job) {
      dropGone();
      if (line.length > options.waiting) throw new QueueFullError('the line is full');
      const place = { askedAt: pace.now() };
      line.push(place);
      try {
        while (line[0] !== place) {
          await pace.pause(options.everyMs);
          if (!line.includes(place)) throw new QueueFullError('the place in the line was lost');
          place.askedAt = pace.now();
          dropGone();
        }
        const result = job();
        // the place is kept for one more turn: whoever came meanwhile is let in, or refused, before the next job
        place.askedAt = pace.now();
        await pace.pause(0);
        return result;
      } finally {
        const index = line.indexOf(place);
        if (index !== -1) line.splice(index, 1);
      }
    },
  };
}
