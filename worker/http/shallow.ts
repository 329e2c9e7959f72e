const maximumDepth = 64;

/**
 * Whether a parsed JSON value nests no deeper than anyone means it to. What is passed on as it came has to be written
 * as JSON again, which takes stack for every level.
 */
export function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maximumDepth) return false;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return true;
}
