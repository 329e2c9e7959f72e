import type { Deps } from '../deps.ts';

/** Whether the control plane's own database answers; why not is in the log. One round trip. */
export async function databaseAnswers({ log, store }: Deps): Promise<boolean> {
  try {
    await store.access.ping();
    return true;
  } catch (error) {
    log.error('the database does not answer', { error: String(error) });
    return false;
  }
}
