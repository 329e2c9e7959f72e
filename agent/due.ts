/** Milliseconds until something done at `lastAt` is due again; 0 when it never was done or the clock was set back. */
export function untilDue(lastAt: number | null, everyMs: number, now: number): number {
  if (lastAt === null || now < lastAt) return 0;
  return Math.max(0, lastAt + everyMs - now);
}
