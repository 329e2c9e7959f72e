/** A work that is done once at a time. */
export type Shared<T> = {
  (): Promise<T>;
  /** Resolves once nothing of it is on its way, however it ended. */
  ended(): Promise<void>;
};

/** Calls made while one is on its way share its answer; a later call works anew, so nothing stale or failed is kept. */
export function shareWhileRunning<T>(work: () => Promise<T>): Shared<T> {
  let running: Promise<T> | null = null;
  function run(): Promise<T> {
    running ??= work().finally(() => {
      running = null;
    });
    return running;
  }
  async function ended(): Promise<void> {
    await running?.catch(() => undefined); // whoever asked for it was told
  }
  return Object.assign(run, { ended });
}
