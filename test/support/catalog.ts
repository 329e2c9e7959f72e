import type { Client } from 'pg';

/** One line per thing a catalog holds, sorted, without object ids: two databases with equal dumps are alike. */
export async function catalogDump(client: Client): Promise<string[]> {
  // names come out qualified, whatever the session's own search path
  await client.query("select set_config('search_path', '', false)");
  const { rows } = await client.query<{ line: string }>(`${queries.join('\nunion all\n')}\norder by 1`);
  await client.query('reset search_path');
  return rows.map((row) => row.line);
}

/** Lines that only one of two dumps has, `-` for the first and `+` for the second. */
export function difference(before: string[], after: string[]): string[] {
  const [old, current] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !current.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}

const inSchemas = "nspname !~ '^(pg_|information_schema$)'";

/** Grants in a fixed order: an access list keeps the order in which grants were made. */
function sorted(list: string): string {
  return `(select string_agg(item::text, ' ' order by item::text) from unnest(${list}) item)`;
}

const queries = [
  `select concat_ws(' ', 'role', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
     rolbypassrls, rolpassword) as line from pg_authid`,
  `select concat_ws(' ', 'member', roleid::regrole, member::regrole, grantor::regrole, admin_option, inherit_option, set_option)
   from pg_auth_members`,
  `select concat_ws(' ', 'setting', nullif(setrole, 0)::regrole, (select datname from pg_database where oid = setdatabase),
     array_to_string(setconfig, ';')) from pg_db_role_setting`,
  `select concat_ws(' ', 'database', datname, datdba::regrole, ${sorted('datacl')}) from pg_database`,
  `select concat_ws(' ', 'schema', nspname, nspowner::regrole, ${sorted('nspacl')}, obj_description(oid, 'pg_namespace'))
   from pg_namespace where ${inSchemas}`,
  `select concat_ws(' ', 'relation', relkind, c.oid::regclass, relowner::regrole, relrowsecurity, relforcerowsecurity,
     relpersistence, array_to_string(reloptions, ','), ${sorted('relacl')}, obj_description(c.oid, 'pg_class'))
   from pg_class c join pg_namespace n on n.oid = relnamespace where ${inSchemas} and relkind <> 'i'`,
  `select concat_ws(' ', 'column', c.oid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attgenerated,
     attidentity, pg_get_expr(adbin, adrelid), (select collname from pg_collation where oid = attcollation),
     ${sorted('attacl')}, col_description(c.oid, attnum))
   from pg_attribute a join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace
   left join pg_attrdef on adrelid = attrelid and adnum = attnum
   where ${inSchemas} and relkind in ('r', 'p', 'v', 'm') and attnum > 0 and not attisdropped`,
  `select concat_ws(' ', 'view', c.oid::regclass, pg_get_viewdef(c.oid)) from pg_class c
   join pg_namespace n on n.oid = relnamespace where ${inSchemas} and relkind in ('v', 'm')`,
  `select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(c.oid), convalidated)
   from pg_constraint c join pg_namespace n on n.oid = connamespace where ${inSchemas}`,
  `select concat_ws(' ', 'index', schemaname, indexdef) from pg_indexes
   where schemaname !~ '^(pg_|information_schema$)'`,
  `select concat_ws(' ', 'function', p.oid::regprocedure, prorettype::regtype, proowner::regrole, provolatile, prosecdef,
     proisstrict, prokind, md5(prosrc), array_to_string(proconfig, ';'), ${sorted('proacl')}, obj_description(p.oid, 'pg_proc'))
   from pg_proc p join pg_namespace n on n.oid = pronamespace where ${inSchemas}`,
  `select concat_ws(' ', 'type', t.oid::regtype, typtype, typowner::regrole, ${sorted('typacl')},
     (select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum where enumtypid = t.oid))
   from pg_type t join pg_namespace n on n.oid = typnamespace where ${inSchemas} and typtype in ('e', 'd')`,
  `select concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, polpermissive,
     (select string_agg(r::regrole::text, ',') from unnest(polroles) r),
     pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) from pg_policy`,
  `select concat_ws(' ', 'trigger', tgrelid::regclass, tgname, pg_get_triggerdef(oid), tgenabled) from pg_trigger
   where not tgisinternal`,
  `select concat_ws(' ', 'default privilege', defaclrole::regrole, nullif(defaclnamespace, 0)::regnamespace, defaclobjtype,
     ${sorted('defaclacl')}) from pg_default_acl`,
  `select concat_ws(' ', 'publication', pubname, pubowner::regrole, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate,
     (select string_agg(prrelid::regclass::text, ',' order by prrelid) from pg_publication_rel where prpubid = p.oid))
   from pg_publication p`,
  `select concat_ws(' ', 'event trigger', evtname, evtevent, evtowner::regrole, evtfoid::regproc, evtenabled,
     array_to_string(evttags, ','), obj_description(oid, 'pg_event_trigger')) from pg_event_trigger`,
  `select concat_ws(' ', 'extension', extname, extowner::regrole, extnamespace::regnamespace, extversion) from pg_extension`,
  `select concat_ws(' ', 'parameter', parname, ${sorted('paracl')}) from pg_parameter_acl`,
];
