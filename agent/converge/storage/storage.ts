import { asRole, createMissing, restoreDefaults, restoreOwner, restoreRowSecurity } from '../service-table.ts';
import { storageFunctions, storageFunctionsSql, storageTriggersSql } from './functions.ts';
import { initialStorageTables, storageTables } from './tables.ts';

const owner = 'supabase_storage_admin';

const tableNames = storageTables.map((table) => table.name);

/**
 * The `storage` schema.
 *
 * Where the storage service runs, its migrations make the schema: only what upstream's image has before the first start
 * is made here, where it is missing.
 *
 * Where none runs, buckets, objects and the functions that policies call are made in the shape those migrations end in.
 * No migration is recorded as applied: each of them copes with finding its result there, and they bring what only the
 * service needs.
 */
export function storageSql(options: { hasService: boolean }): string {
  if (options.hasService) return asRole(owner, createMissing(initialStorageTables));
  return [
    restoreOwner(owner, { tables: tableNames, functions: storageFunctions }),
    asRole(
      owner,
      [
        bucketType,
        createMissing(storageTables),
        storageFunctionsSql,
        storageTriggersSql,
        bucketGrants,
        uploadGrants,
      ].join('\n'),
    ),
    restoreRowSecurity(tableNames),
    restoreDefaults([
      ['storage.objects', 'id', 'gen_random_uuid()'],
      ...timestamps('storage.objects', ['created_at', 'updated_at', 'last_accessed_at']),
      ['storage.objects', 'is_delete_marker', 'false'],
      ['storage.objects', 'is_versioned', 'false'],
      ...timestamps('storage.buckets', ['created_at', 'updated_at']),
      ['storage.buckets', 'public', 'false'],
      ['storage.buckets', 'avif_autodetection', 'false'],
      ['storage.buckets', 'type', "'STANDARD'"],
      ['storage.buckets', 'versioning_status', "'DISABLED'"],
    ]),
  ].join('\n');
}

const bucketType = `do $do$ begin if to_regtype('storage.buckettype') is null then
  create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');
end if; end $do$;`;

const bucketGrants = `
grant all on storage.buckets, storage.objects to postgres with grant option;
grant all on storage.buckets, storage.objects to anon, authenticated, service_role;`;

const uploadGrants = `
grant execute on function ${storageFunctions.join(', ')} to postgres, anon, authenticated, service_role;
grant all on storage.s3_multipart_uploads, storage.s3_multipart_uploads_parts to service_role;
grant select on storage.s3_multipart_uploads, storage.s3_multipart_uploads_parts to anon, authenticated;`;

function timestamps(table: string, columns: string[]): [string, string, string][] {
  return columns.map((column) => [table, column, 'now()']);
}
