/**
 * Runs `work` once at a time. A call made while it runs waits for the next turn, which all such calls share: what it
 * reads is never older than the call. A caller that gives up does not keep the work from being done.
 */
export function createTurns(work: () => Promise<void>): (signal: AbortSignal) => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;

  function takeTurn(): Promise<void> {
    if (next !== null) return next;
    const mine = running.then(async () => {
      next = null;
      await work();
    });
    next = mine;
    // whoever asked for it is told; the one after it has its own turn
    running = mine.catch(() => undefined);
    return mine;
  }

  return (signal) => unlessAborted(takeTurn(), signal);
}

function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
