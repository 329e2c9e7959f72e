/** A table of a service, with its indexes and comments; `sql` runs once, by its owner, when the table is not there. */
export type ServiceTable = { name: string; sql: string };

/**
 * Statements that make what is missing and touch nothing that is there: an existing table is not even locked, so this
 * may run while the database serves.
 */
export function createMissing(tables: ServiceTable[]): string {
  return tables
    .map(({ name, sql }) => `do $do$ begin if to_regclass('${name}') is null then\n${sql}\nend if; end $do$;`)
    .join('\n');
}

/**
 * Puts tables and functions back to their owner where they have another, so that the statements of their owner work. Run
 * it before those; what is not there is passed over.
 */
export function restoreOwner(owner: string, names: { tables: string[]; functions: string[] }): string {
  return `
do $do$
declare
  lost record;
begin
  for lost in
    select c.oid::regclass as name from unnest(array[${quoted(names.tables)}]::text[]) t
    join pg_class c on c.oid = to_regclass(t) where c.relowner <> '${owner}'::regrole
  loop
    execute format('alter table %s owner to ${owner}', lost.name);
  end loop;
  for lost in
    select p.oid::regprocedure as name from unnest(array[${quoted(names.functions)}]::text[]) f
    join pg_proc p on p.oid = to_regprocedure(f) where p.proowner <> '${owner}'::regrole
  loop
    execute format('alter function %s owner to ${owner}', lost.name);
  end loop;
end $do$;`;
}

/**
 * For functions that run with the superuser's rights: whoever had made one by that name must not keep the right to
 * replace its text.
 */
export function ownedBySuperuser(functions: string[]): string {
  return functions.map((name) => `alter function ${name} owner to supabase_admin;`).join('\n');
}

/** Row level security on, where it was turned off. */
export function restoreRowSecurity(tables: string[]): string {
  return `
do $do$
declare
  lost regclass;
begin
  for lost in select oid::regclass from pg_class where oid = any (array[${quoted(tables)}]::regclass[]) and not relrowsecurity loop
    execute format('alter table %s enable row level security', lost);
  end loop;
end $do$;`;
}

/** Gives columns their default back where it was dropped; a default that somebody changed stays. */
export function restoreDefaults(defaults: [table: string, column: string, expression: string][]): string {
  return `
do $do$
declare
  lost record;
begin
  for lost in
    select d.* from (values
      ${defaults.map(([table, column, expression]) => `('${table}'::regclass, '${column}', $d$${expression}$d$)`).join(',\n      ')}
    ) as d(tbl, col, expression)
    join pg_attribute a on a.attrelid = d.tbl and a.attname = d.col and not a.attisdropped and not a.atthasdef
  loop
    execute format('alter table %s alter column %I set default %s', lost.tbl, lost.col, lost.expression);
  end loop;
end $do$;`;
}

/** Runs statements as a role, so that what they make is the role's and grants what its default privileges say. */
export function asRole(role: string, sql: string): string {
  return `set local role ${role};\n${sql}\nset local role none;`;
}

function quoted(names: string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}
