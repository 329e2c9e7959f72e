/** Milliseconds since the epoch as clients read times. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}
