/** Studio and the Management API take what follows the prefix for the version of a database, and fail without it. */
export function prefixedVersion(version: string): string {
  return `supabase-postgres-${version}`;
}
