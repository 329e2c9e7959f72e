/** For waits that a stop cuts short: being cut short is no error, everything else is. */
export function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
