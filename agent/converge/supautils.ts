/**
 * A SQL condition: upstream's image, whose library supautils does for `postgres` what plain Postgres needs grants for
 * (policies on the services' tables, extensions, settings). What it takes care of is left as upstream has it.
 */
export const usesSupautils = `
  concat(current_setting('shared_preload_libraries', true), ',', current_setting('session_preload_libraries', true))
    like '%supautils%'`;
