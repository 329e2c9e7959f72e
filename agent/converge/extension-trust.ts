/**
 * Contrib extensions that Postgres reserves to superusers and that Supabase lets `postgres` create all the same (there:
 * through supautils). Marked as trusted in a runtime's own copy of the binaries, `create extension` works unchanged; the
 * objects then belong to the bootstrap superuser, so nobody gains more than the extension's own grants.
 * Left out are those that read files or memory of the server (file_fdw, pageinspect, pg_surgery, pg_prewarm, …) and
 * the untrusted languages.
 */
export const trustedByRuntime = [
  'autoinc',
  'bloom',
  'dblink',
  'dict_xsyn',
  'earthdistance',
  'insert_username',
  'moddatetime',
  'pg_stat_statements',
  'pgrowlocks',
  'pgstattuple',
  'postgres_fdw',
  'refint',
  'sslinfo',
] as const;

/** The text of a control file (`<name>.control`) with the extension marked as trusted; unchanged when it is already. */
export function markTrusted(control: string): string {
  if (/^\s*trusted\s*=\s*true\s*$/m.test(control)) return control;
  const rest = control.replaceAll(/^\s*trusted\s*=.*\n?/gm, '');
  return `${rest.trimEnd()}\ntrusted = true\n`;
}
