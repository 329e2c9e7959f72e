/** Signatures of everything below. */
export const storageFunctions = [
  'storage.foldername(text)',
  'storage.filename(text)',
  'storage.extension(text)',
  'storage.operation()',
  'storage.allow_any_operation(text[])',
  'storage.allow_only_operation(text)',
  'storage.get_size_by_bucket()',
  'storage.can_insert_object(text,text,uuid,jsonb)',
  'storage.search(text,text,integer,integer,integer,text,text,text)',
  'storage.update_updated_at_column()',
  'storage.enforce_bucket_name_length()',
  'storage.protect_delete()',
];

/**
 * What policies and applications call in `storage`. The functions only the storage service itself calls are not here: its
 * own migrations bring them.
 */
export const storageFunctionsSql = `
create or replace function storage.foldername(name text) returns text[] language plpgsql immutable as $fn$
declare
  parts text[] := string_to_array(name, '/');
begin
  return parts[1:cardinality(parts) - 1];
end $fn$;

create or replace function storage.filename(name text) returns text language plpgsql immutable as $fn$
declare
  parts text[] := string_to_array(name, '/');
begin
  return parts[cardinality(parts)];
end $fn$;

create or replace function storage.extension(name text) returns text language plpgsql immutable as $fn$
declare
  parts text[] := string_to_array(storage.filename(name), '.');
begin
  return parts[cardinality(parts)];
end $fn$;

create or replace function storage.operation() returns text language plpgsql stable as $fn$
begin
  return current_setting('storage.operation', true);
end $fn$;

create or replace function storage.allow_any_operation(expected_operations text[]) returns boolean
language sql stable as $fn$
  select exists (
    select from unnest(expected_operations) as expected
    where expected <> '' and regexp_replace(expected, '^storage\\.', '') = regexp_replace(storage.operation(), '^storage\\.', '')
  )
$fn$;

create or replace function storage.allow_only_operation(expected_operation text) returns boolean
language sql stable as $fn$
  select storage.allow_any_operation(array[expected_operation])
$fn$;

create or replace function storage.get_size_by_bucket() returns table (size bigint, bucket_id text)
language plpgsql stable as $fn$
begin
  return query
    select sum((o.metadata ->> 'size')::bigint)::bigint, o.bucket_id from storage.objects o group by o.bucket_id;
end $fn$;

-- Tries an insert under the caller's policies and undoes it: an answer other than PT200 is the refusal.
create or replace function storage.can_insert_object(bucketid text, name text, owner uuid, metadata jsonb) returns void
language plpgsql as $fn$
begin
  insert into storage.objects (bucket_id, name, owner, metadata) values (bucketid, name, owner, metadata);
  raise sqlstate 'PT200' using message = 'ROLLBACK', detail = 'rollback successful insert';
end $fn$;

-- One level of a bucket: folders have no id.
create or replace function storage.search(
  prefix text, bucketname text, limits integer default 100, levels integer default 1, offsets integer default 0,
  search text default '', sortcolumn text default 'name', sortorder text default 'asc'
) returns table (
  name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb
) language plpgsql stable as $fn$
declare
  sort_key text := case when sortcolumn in ('updated_at', 'created_at', 'last_accessed_at') then sortcolumn else 'name' end;
  direction text := case when lower(sortorder) = 'desc' then 'desc' else 'asc' end;
begin
  return query execute format(
    $q$
    with matches as (
      select * from storage.objects o
      where o.bucket_id = $1 and starts_with(lower(o.name), lower($2)) and cardinality(o.path_tokens) >= $3
    ), entries as (
      select distinct m.path_tokens[$3] as name, null::uuid as id, null::timestamptz as updated_at,
        null::timestamptz as created_at, null::timestamptz as last_accessed_at, null::jsonb as metadata
      from matches m where cardinality(m.path_tokens) > $3
      union all
      select m.path_tokens[$3], m.id, m.updated_at, m.created_at, m.last_accessed_at, m.metadata
      from matches m where cardinality(m.path_tokens) = $3
    )
    select * from entries e order by e.id is not null, e.%I %s, e.name limit $4 offset $5
    $q$, sort_key, direction)
  using bucketname, concat(prefix, search), levels, limits, offsets;
end $fn$;
`;

/** Triggers of the tables and their functions. */
export const storageTriggersSql = `
create or replace function storage.update_updated_at_column() returns trigger language plpgsql as $fn$
begin
  new.updated_at = now();
  return new;
end $fn$;

create or replace function storage.enforce_bucket_name_length() returns trigger language plpgsql as $fn$
begin
  if length(new.name) > 100 then
    raise exception 'bucket name "%" is too long (% characters). Max is 100.', new.name, length(new.name);
  end if;
  return new;
end $fn$;

-- A row gone without its file leaves the file behind for ever, so only the service may delete.
create or replace function storage.protect_delete() returns trigger language plpgsql as $fn$
begin
  if coalesce(current_setting('storage.allow_delete_query', true), 'false') <> 'true' then
    raise exception 'Direct deletion from storage tables is not allowed. Use the Storage API instead.'
      using errcode = '42501', hint = 'This prevents accidental data loss from orphaned objects.';
  end if;
  return null;
end $fn$;

${trigger('objects', 'update_objects_updated_at', 'before update', 'row', 'update_updated_at_column')}
${trigger('objects', 'protect_objects_delete', 'before delete', 'statement', 'protect_delete')}
${trigger('buckets', 'protect_buckets_delete', 'before delete', 'statement', 'protect_delete')}
${trigger('buckets', 'enforce_bucket_name_length_trigger', 'before insert or update of name', 'row', 'enforce_bucket_name_length')}
`;

function trigger(table: string, name: string, when: string, each: 'row' | 'statement', fn: string): string {
  return `do $do$ begin
  if not exists (select from pg_trigger where tgrelid = 'storage.${table}'::regclass and tgname = '${name}') then
    create trigger ${name} ${when} on storage.${table} for each ${each} execute function storage.${fn}();
  end if;
end $do$;`;
}
