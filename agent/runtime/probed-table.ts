/**
 * A table that no one has: asking the data API for it reaches Postgres whatever is in the database. Postgres notes each
 * miss in its log; those lines are kept out of the project's log file.
 */
export const probedTable = 'supafleet_probe';
