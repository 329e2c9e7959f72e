/** The name Docker Compose knows a project's stack by. */
export function composeProjectOf(ref: string): string {
  return `supafleet-${ref}`;
}
