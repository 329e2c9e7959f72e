import { z } from 'zod';
import { passwordRoles, passwordRolesByImage, superuser } from './roles.ts';

/**
 * One session of the bootstrap superuser. Without parameters a query may hold several statements; it then resolves to the
 * results of all of them, as `pg` does.
 */
export type ConvergeClient = { query(sql: string, params?: unknown[]): Promise<unknown> };

/** What one look at a database tells. */
export type Inspection = {
  /** version and fingerprint as the last complete run left them; null before the first */
  recorded: string | null;
  /** hash over the part of the catalog that converge answers for, as it is now */
  fingerprint: string;
  /** never prepared by anybody: nobody can have locked anything down */
  isBare: boolean;
  /** stored password verifiers by role: null where a role has none, absent where it is missing or cannot log in */
  verifiers: Record<string, string | null>;
};

/**
 * What each transaction of ours starts with. Whoever owns a database sets defaults for all sessions in it, so none is
 * relied on: in their search path a function of theirs could stand in for one of Postgres's and run with the superuser's
 * rights; their role or their timeout would merely stop us.
 */
export const ownSettings =
  "set local role none; set local search_path = ''; set local statement_timeout = '60s'; set local lock_timeout = '5s';";

const results = z
  .array(z.unknown())
  .transform((answers) => answers.at(-1))
  .pipe(z.object({ rows: z.tuple([z.unknown()]) }));
const row = z.object({
  recorded: z.string().nullable(),
  fingerprint: z.string(),
  isBare: z.boolean(),
  verifiers: z.record(z.string(), z.string().nullable()).nullable(),
});

/** Reads in one round trip whether there is anything to do. */
export async function inspect(client: ConvergeClient): Promise<Inspection> {
  const answer = await client.query(
    `${ownSettings} select
       (select obj_description(oid, 'pg_event_trigger') from pg_event_trigger where evtname = '${recordHolder}') as recorded,
       (${fingerprintSql}) as fingerprint,
       (${isBareSql}) as "isBare",
       (select json_object_agg(rolname, rolpassword) from pg_authid where rolcanlogin and rolname in (${verified}))
         as verifiers`,
  );
  const found = row.parse(results.parse(answer).rows[0]);
  return { ...found, verifiers: found.verifiers ?? {} };
}

const verified = [superuser, ...passwordRoles, ...passwordRolesByImage].map((name) => `'${name}'`).join(', ');

/**
 * Without the API roles, or with roles that somebody made and nothing more: upstream's image grants in `public` itself,
 * and a database in use has something there.
 */
const isBareSql = `to_regrole('anon') is null or to_regprocedure('auth.uid()') is null
  and not exists (select from pg_default_acl where defaclnamespace = to_regnamespace('public'))
  and not exists (select from pg_class where relnamespace = to_regnamespace('public'))`;

/**
 * The record is the comment on an event trigger: superusers alone can change it, a template carries it into its clones,
 * and nothing of ours shows up among a user's schemas and tables.
 */
export const recordHolder = 'pgrst_ddl_watch';

const schemas = `(select oid, nspname, nspowner, nspacl from pg_namespace where nspname in (
  'auth', 'storage', 'realtime', '_realtime', 'extensions', 'graphql', 'graphql_public', 'vault'))`;
const ourRoles = `(select oid from pg_roles where rolname !~ '^pg_'
  and (rolname ~ '^supabase_' or rolname in ('postgres', 'anon', 'authenticated', 'service_role', 'authenticator',
    'pgbouncer', 'dashboard_user')))`;

/**
 * Everything is named, nothing numbered, so a copy of a database has the same fingerprint. What users are free to add
 * (policies, triggers on users, tables of their own) may move it: that costs one more run and changes nothing.
 */
const parts = [
  `select concat_ws(' ', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls)
   from pg_roles where oid in ${ourRoles}`,
  `select concat_ws(' ', roleid::regrole, member::regrole, admin_option, inherit_option, set_option)
   from pg_auth_members where member in ${ourRoles}`,
  `select concat_ws(' ', setrole, setconfig) from pg_db_role_setting
   where setdatabase = 0 and setrole in ${ourRoles}
     or setrole = 0 and setdatabase = (select oid from pg_database where datname = current_database())`,
  "select concat_ws(' ', datdba::regrole, datacl) from pg_database where datname = current_database()",
  `select concat_ws(' ', nspname, nspowner::regrole, nspacl) from ${schemas} n`,
  `select concat_ws(' ', nspname, defaclrole::regrole, defaclobjtype, defaclacl) from pg_default_acl
   join ${schemas} n on n.oid = defaclnamespace`,
  `select concat_ws(' ', nspname, relname, relowner::regrole, relrowsecurity, relacl) from pg_class
   join ${schemas} n on n.oid = relnamespace where relkind in ('r', 'p', 'S') and not relispartition`,
  `select concat_ws(' ', nspname, relname, attname, atthasdef) from pg_attribute
   join pg_class c on c.oid = attrelid join ${schemas} n on n.oid = relnamespace
   where relkind in ('r', 'p') and not relispartition and attnum > 0 and not attisdropped`,
  `select concat_ws(' ', nspname, proname, proargtypes::regtype[]::text, prorettype::regtype, proowner::regrole, proacl,
     provolatile, prosecdef, proconfig, prosrc)
   from pg_proc join ${schemas} n on n.oid = pronamespace`,
  `select concat_ws(' ', nspname, typname) from pg_type join ${schemas} n on n.oid = typnamespace where typtype = 'e'`,
  `select concat_ws(' ', relname, tgname) from pg_trigger join pg_class c on c.oid = tgrelid
   where relnamespace = to_regnamespace('storage') and not tgisinternal`,
  "select concat_ws(' ', evtname, evtenabled) from pg_event_trigger",
  "select concat_ws(' ', pubname, pubowner::regrole) from pg_publication where pubname = 'supabase_realtime'",
  "select concat_ws(' ', extname, extnamespace::regnamespace) from pg_extension",
  "select concat_ws(' ', parname, paracl) from pg_parameter_acl",
];

/** A scalar expression in SQL: the hash over all parts. */
export const fingerprintSql = `select md5(string_agg(part, e'\\n' order by part)) from (
  ${parts.map((part, index) => `select '${index} ' || line as part from (${part}) as p(line)`).join('\n  union all\n  ')}
) as parts`;
