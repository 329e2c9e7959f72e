import type { Ctx } from '../deps.ts';
import { pgMetaError } from './pg-meta-error.ts';
import { reachProject } from './reach.ts';

/**
 * Who may do what with which column of users' tables, as JSON text in postgres-meta's shape. Its own statement reads
 * pg_authid, which the owner of a project's database may not.
 * Errors: those of `reachProject` and `pgMetaError`.
 */
export async function readColumnPrivileges(ctx: Ctx, ref: string): Promise<string> {
  const { fetch } = await reachProject(ctx, ref, 'sql:read');
  const response = await fetch({
    method: 'POST',
    path: '/pg/query?queryTimeoutSecs=55',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    timeoutMs: 60_000,
    maximumBytes: 10 * 1024 * 1024,
  });
  if (response.status !== 200) throw pgMetaError(response);
  return response.body;
}

/** A grant on a table is one on each of its columns. */
const query = `
  select a.attrelid || '.' || a.attnum as column_id, n.nspname as relation_schema, c.relname as relation_name,
         a.attname as column_name,
         jsonb_agg(jsonb_build_object(
           'grantor', pg_get_userbyid(granted.grantor),
           'grantee', case granted.grantee when 0 then 'PUBLIC' else pg_get_userbyid(granted.grantee) end,
           'privilege_type', granted.privilege_type,
           'is_grantable', granted.is_grantable)) as privileges
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  cross join lateral (
    select * from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))
    union
    select * from aclexplode(a.attacl)) as granted
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
    and granted.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
  group by 1, 2, 3, 4, a.attrelid, a.attnum
  order by a.attrelid, a.attnum`;
