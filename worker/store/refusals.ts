import type { RequestInfo } from '../deps.ts';
import type { Refusal } from '../errors.ts';
import { auditInsert } from './audit.ts';
import type { Database } from './db.ts';

/** So much of what the actor did last is looked at. */
const recent = 200;
const mostOfOneActor = 30;
const spanMs = 60_000;

/** Refusals in the audit log, so that somebody who asks for them again and again does not fill it. */
export function refusalStore(database: Database) {
  return {
    /**
     * At most one row a minute of one actor for the same thing, and few for all things together. One round trip, two
     * when a row is written.
     */
    async record(refusal: Refusal, request: RequestInfo, at: number): Promise<void> {
      const { actor, details, ...entry } = refusal;
      const isNews = {
        sql: `(select count(*) < ? and not coalesce(max(target = ? and details = ?), 0)
               from (select action, target, details, at from audit_entries where actor_id = ? order by id desc limit ?)
               where action = ? and at > ?)`,
        args: [mostOfOneActor, refusal.target, JSON.stringify(details), actor.id, recent, refusal.action, at - spanMs],
      };
      const [news] = await database.read([
        { sql: `select ${isNews.sql}`, args: isNews.args, decode: ({ rows }) => rows[0]?.[0] === 1 },
      ]);
      if (!news) return;
      await database.write([auditInsert({ ...entry, details }, { actor, request, at }, { when: isNews })]);
    },
  };
}
export type RefusalStore = ReturnType<typeof refusalStore>;
