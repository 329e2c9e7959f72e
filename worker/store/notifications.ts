import type { Actor, Credential } from '../deps.ts';
import { actorStatements, boundTo, requireActor } from './actor.ts';
import { change } from './change.ts';
import type { Database, Statement } from './db.ts';

export type NotificationStatus = 'new' | 'seen' | 'archived';
export type NotificationPriority = 'Critical' | 'Warning' | 'Info';

export type NotificationRow = {
  id: string;
  name: string;
  priority: string;
  status: string;
  /** JSON */
  data: string;
  createdAt: number;
};

/** Empty lists: any. */
export type NotificationFilter = {
  statuses: readonly NotificationStatus[];
  priorities: readonly NotificationPriority[];
  organizations: readonly string[];
  projects: readonly string[];
};

/** What Studio's bell tells an account. Access tokens that are limited to some organizations see none. */
export function notificationStore(database: Database) {
  const actor = actorStatements(database);

  return {
    /** One round trip: the actor's own, the newest first. */
    async notifications(
      credential: Credential,
      filter: NotificationFilter,
      page: { limit: number; offset: number },
      now: number,
    ): Promise<{ actor: Actor; notifications: NotificationRow[] }> {
      const [actors, rows] = await database.read([actor(boundTo(credential, now)), list(credential, filter, page)]);
      return { actor: requireActor(actors), notifications: rows };
    },

    /** One round trip: how many the actor has not seen, by priority. */
    async unread(credential: Credential, now: number): Promise<{ actor: Actor; counts: Record<string, number> }> {
      const [actors, counts] = await database.read([actor(boundTo(credential, now)), unread(credential)]);
      return { actor: requireActor(actors), counts };
    },

    /** One round trip: changes those of them that are the actor's own, and returns them. */
    async setStatuses(
      { id }: Credential,
      statuses: readonly { id: string; status: NotificationStatus }[],
    ): Promise<NotificationRow[]> {
      const json = JSON.stringify(statuses);
      const [, rows] = await database.write([
        change(
          `update notifications set status = wanted.value ->> 'status' from json_each(?) as wanted
           where notifications.id = wanted.value ->> 'id' and ${own}`,
          [json, id, id],
        ),
        {
          sql: `select ${columns} from notifications where ${own}
                and id in (select value ->> 'id' from json_each(?)) order by created_at desc, id`,
          args: [id, id, json],
          decode: decodeRows,
        },
      ]);
      return rows;
    },

    /** One round trip. */
    async archiveAll({ id }: Credential): Promise<void> {
      await database.write([
        change(`update notifications set status = 'archived' where ${own} and status <> 'archived'`, [id, id]),
      ]);
    },
  };
}
export type NotificationStore = ReturnType<typeof notificationStore>;

const columns = 'id, name, priority, status, data, created_at';

const own = `account_id = (select account_id from sessions where id = ? union all
                           select account_id from access_tokens where hash = ? and is_limited = 0)`;

function list(
  { id }: Credential,
  filter: NotificationFilter,
  page: { limit: number; offset: number },
): Statement<NotificationRow[]> {
  const among = (column: string, values: readonly string[]) => ({
    sql: values.length === 0 ? '' : `and ${column} in (select value from json_each(?))`,
    args: values.length === 0 ? [] : [JSON.stringify(values)],
  });
  const conditions = [
    among('status', filter.statuses),
    among('priority', filter.priorities),
    among('organization_slug', filter.organizations),
    among('project_ref', filter.projects),
  ];
  return {
    sql: `select ${columns} from notifications where ${own} ${conditions.map(({ sql }) => sql).join(' ')}
          order by created_at desc, id limit ? offset ?`,
    args: [id, id, ...conditions.flatMap(({ args }) => args), page.limit, page.offset],
    decode: decodeRows,
  };
}

function unread({ id }: Credential): Statement<Record<string, number>> {
  return {
    sql: `select priority, count(*) as count from notifications where ${own} and status = 'new' group by priority`,
    args: [id, id],
    decode: ({ rows }) => Object.fromEntries(rows.map((row) => [String(row.priority), Number(row.count)])),
  };
}

function decodeRows({ rows }: Parameters<Statement<unknown>['decode']>[0]): NotificationRow[] {
  return rows.map((row) => ({
    id: String(row.id),
    name: String(row.name),
    priority: String(row.priority),
    status: String(row.status),
    data: String(row.data),
    createdAt: Number(row.created_at),
  }));
}
