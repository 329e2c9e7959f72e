import {
  asRole,
  createMissing,
  restoreDefaults,
  restoreOwner,
  restoreRowSecurity,
  type ServiceTable,
} from './service-table.ts';

const owner = 'supabase_realtime_admin';

/** Partitioned by day; the service makes and drops the partitions. */
const messagesTable: ServiceTable = {
  name: 'realtime.messages',
  sql: `
create table realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  binary_payload bytea,
  primary key (id, inserted_at),
  constraint messages_payload_exclusive check (payload is null or binary_payload is null)
) partition by range (inserted_at);
create index messages_inserted_at_topic_index on realtime.messages (inserted_at desc, topic)
  where extension = 'broadcast' and private is true;
alter table realtime.messages enable row level security;`,
};

/**
 * The `realtime` schema. Where the realtime service runs, its migrations make all of it. Where none runs, there is what
 * policies and triggers of applications refer to; a message sent is then refused with a warning, as there is no partition
 * to hold it, and the statement that sent it goes on as it does on the platform.
 */
export function realtimeSql(options: { hasService: boolean }): string {
  if (options.hasService) return '';
  return [
    restoreOwner(owner, { tables: [messagesTable.name], functions: signatures }),
    asRole(owner, [createMissing([messagesTable]), functions, grants].join('\n')),
    restoreRowSecurity([messagesTable.name]),
    restoreDefaults([
      ['realtime.messages', 'id', 'gen_random_uuid()'],
      ['realtime.messages', 'inserted_at', 'now()'],
      ['realtime.messages', 'updated_at', 'now()'],
    ]),
  ].join('\n');
}

const signatures = [
  'realtime.topic()',
  'realtime.send(jsonb,text,text,boolean)',
  'realtime.send_binary(bytea,text,text,boolean)',
  'realtime.broadcast_changes(text,text,text,text,text,record,record,text)',
];

const functions = `
create or replace function realtime.topic() returns text language sql stable as $fn$
  select nullif(current_setting('realtime.topic', true), '')
$fn$;

create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
returns void language plpgsql as $fn$
declare
  message_id uuid := gen_random_uuid();
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (id, payload, event, topic, private, extension)
  values (
    message_id,
    case when payload ? 'id' then payload else jsonb_set(payload, '{id}', to_jsonb(message_id)) end,
    event, topic, private, 'broadcast'
  );
exception when others then
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end $fn$;

create or replace function realtime.send_binary(payload bytea, event text, topic text, private boolean default true)
returns void language plpgsql as $fn$
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (binary_payload, event, topic, private, extension)
  values (payload, event, topic, private, 'broadcast');
exception when others then
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end $fn$;

create or replace function realtime.broadcast_changes(
  topic_name text, event_name text, operation text, table_name text, table_schema text, new record, old record,
  level text default 'ROW'
) returns void language plpgsql as $fn$
begin
  if level = 'STATEMENT' then
    raise exception 'function can only be triggered for each row, not for each statement';
  end if;
  if operation not in ('INSERT', 'UPDATE', 'DELETE') then
    raise exception 'Unexpected operation type: %', operation;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'old_record', old, 'record', new, 'operation', operation, 'table', table_name, 'schema', table_schema
    ),
    event_name, topic_name
  );
exception when others then
  raise exception 'Failed to process the row: %', sqlerrm;
end $fn$;`;

const grants = `
grant select, insert, update on realtime.messages to postgres, anon, authenticated, service_role;
grant all on realtime.messages to postgres, dashboard_user;
grant execute on all functions in schema realtime to postgres, anon, authenticated, service_role, dashboard_user;`;
