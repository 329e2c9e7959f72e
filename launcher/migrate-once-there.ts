import { setTimeout as wait } from 'node:timers/promises';
import { StartFailure } from './failure.ts';
import { applyMigrations } from './migrate.ts';

const patienceMs = 60_000;

type Waiting = { note(line: string): void; now(): number; signal: AbortSignal };

/** Applies the migrations as soon as the database can be reached: in a stack of containers it may start later. */
export async function migrateOnceThere(url: string, token: string, { note, now, signal }: Waiting): Promise<void> {
  const deadline = now() + patienceMs;
  let said = false;
  for (;;) {
    try {
      return await applyMigrations(url, token);
    } catch (error) {
      const reason = rootCause(error);
      if (!isUnreachable(error)) throw new StartFailure(`The database refused the migrations: ${reason}`);
      if (now() > deadline) throw new StartFailure(`DATABASE_URL cannot be reached: ${reason}`);
      if (!said) note(`· waiting for the database (${reason})`);
      said = true;
    }
    await wait(500, undefined, { signal });
  }
}

/** Of fetch: nobody listens yet, the name is not known yet, or the connection broke. */
function isUnreachable(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof TypeError && cause.message === 'fetch failed') return true;
  }
  return false;
}

function rootCause(error: unknown): string {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root instanceof Error ? root.message : String(root);
}
