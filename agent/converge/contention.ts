/**
 * What Postgres answers when two sessions change the same part of the catalog at once, by SQLSTATE: the same statements
 * succeed once the other one is done. A lock that was waited for in vain is no such case.
 */
const codes = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '23505', // unique_violation: both made it, and neither saw the other
  '42P04', // duplicate_database
  '42P06', // duplicate_schema
  '42P07', // duplicate_table
  '42710', // duplicate_object
  '42723', // duplicate_function
]);

/** Whoever migrates at the same moment is done by the second or third time. */
const attempts = 3;

/** Begins again, from the first statement, where what it does collides with somebody else's change of the catalog. */
export async function despiteContention<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isContention(error)) throw error;
    }
  }
}

/** Whether an error, or what it came of, is one of those. */
export function isContention(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && codes.has(error.code)) return true;
  // this one has the code of internal errors
  if (/^tuple concurrently (updated|deleted)$/.test(error.message)) return true;
  return isContention(error.cause);
}
