import type { Clock } from './deps.ts';

/** What `withDeadline` throws when the work took too long; its message completes a sentence about that work. */
export class DeadlineExceeded extends Error {
  override name = 'DeadlineExceeded';
}

/**
 * Runs `work` for at most `deadlineMs`. Past that its signal is aborted and `DeadlineExceeded` is thrown at once, also
 * when the work does not listen. A finished work never sees its signal aborted.
 */
export async function withDeadline<T>(
  clock: Clock,
  deadlineMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const settled = new AbortController();
  const deadline = new Promise<never>((_resolve, reject) => {
    clock.sleep(deadlineMs, settled.signal).then(() => {
      if (settled.signal.aborted) return;
      late.abort();
      reject(new DeadlineExceeded(`did not finish within ${deadlineMs / 1000} s`));
    }, reject);
  });
  try {
    return await Promise.race([work(late.signal), deadline]);
  } finally {
    settled.abort();
  }
}
