import { change } from './change.ts';
import type { Database, Statement } from './db.ts';

/** So many at once, and from then on one more each interval. */
export type Rate = { kind: 'rate'; burst: number; intervalMs: number };

/** So many at once; each further one makes the next wait twice as long, up to a maximum. Forgotten after a quiet time. */
export type Backoff = { kind: 'backoff'; free: number; baseMs: number; maximumMs: number; quietMs: number };

export type Policy = Rate | Backoff;

/** Something that is limited, by whom it is asked. */
export type Limit = {
  /** `<limit>:<value>`; the value never an address of mail as it is */
  key: string;
  policy: Policy;
  /** the key ends with whose it is, as only the database knows; nobody's are not limited */
  of?: { kind: 'session' | 'token' | 'refresh-token'; id: string };
  /** not for an address from which a session of this account was started that still lives */
  unlessKnown?: { email: string; address: string };
};

/** What is known of a limit; null: nothing was taken of it. */
export type LimitState = { index: number; hits: number; until: number; expiresAt: number } | null;

export type Taken = { isLetIn: boolean; states: { index: number; state: LimitState }[] };

type TakeStatements = [Statement<boolean>, Statement<Taken['states']>];

/** Limits are taken in the batch that loads the data, in front of it. */
export function rateLimitStore(database: Database) {
  return {
    /** One round trip, for routes whose batches have no place for it. */
    async take(limits: readonly Limit[], now: number): Promise<Taken> {
      return takenOf(await database.write(takeStatements(limits, now)));
    },
  };
}
export type RateLimitStore = ReturnType<typeof rateLimitStore>;

/**
 * Takes one of each limit when all of them have one left, and nothing otherwise: one upsert, so that it is exact however
 * many ask at the same time. Then what there is left. `takenOf` reads the two results.
 */
export function takeStatements(limits: readonly Limit[], now: number): TakeStatements {
  const asked = JSON.stringify(limits.map(askedOf));
  return [
    {
      sql: `with ${askedSql}, ${dueSql}
            insert into rate_limits (key, hits, until, expires_at)
            select key, hits + 1, until + step, until + step + quiet from due
            where not exists (select 1 from due where until - ?2 > slack)
            on conflict (key) do update set hits = excluded.hits, until = excluded.until, expires_at = excluded.expires_at`,
      args: [asked, now],
      decode: (set) => set.rowsAffected > 0,
    },
    {
      sql: `with ${askedSql}
            select asked.position, kept.hits, kept.until, kept.expires_at
            from asked left join rate_limits as kept on kept.key = asked.key`,
      args: [asked],
      decode: ({ rows }) =>
        rows.map((row) => {
          const index = Number(row.position);
          const state =
            row.until === null
              ? null
              : { index, hits: Number(row.hits), until: Number(row.until), expiresAt: Number(row.expires_at) };
          return { index, state };
        }),
    },
  ];
}

/** Whether the batch was let in. Nothing asked, as for a credential that is nobody's, is nothing refused. */
export function takenOf([hasTaken, states]: readonly [boolean, Taken['states']]): Taken {
  return { isLetIn: hasTaken || states.length === 0, states };
}

/** Back at rest: goes behind what proves that the attempts were the owner's, and only when its session was started. */
export function restStatement(keys: readonly string[], sessionId: string): Statement<{ rowsAffected: number }> {
  return change(
    `delete from rate_limits where key in (select value from json_each(?))
       and exists (select 1 from sessions where id = ?)`,
    [JSON.stringify(keys), sessionId],
  );
}

/** A limit as numbers: it is refused while `until` is more than `slack` ahead, and taking one moves it by a step. */
function askedOf({ key, policy, of, unlessKnown }: Limit) {
  const numbers =
    policy.kind === 'rate'
      ? { free: 0, base: policy.intervalMs, maximum: 0, quiet: 0, slack: (policy.burst - 1) * policy.intervalMs }
      : { free: policy.free, base: policy.baseMs, maximum: policy.maximumMs, quiet: policy.quietMs, slack: 0 };
  return { key, ...numbers, of: of?.kind, id: of?.id, email: unlessKnown?.email, address: unlessKnown?.address };
}

const askedSql = `asked as materialized (
  select position, value, key from (
    select j.key as position, j.value as value, j.value ->> 'key' || case j.value ->> 'of'
      when 'session' then (select account_id from sessions where id = j.value ->> 'id')
      when 'token' then (select account_id from access_tokens where hash = j.value ->> 'id')
      when 'refresh-token' then (select session_id from refresh_tokens where hash = j.value ->> 'id')
      else '' end as key
    from json_each(?1) as j
    where not exists (
      select 1 from accounts as a join sessions as s on s.account_id = a.id
      where a.email = j.value ->> 'email' and s.address = j.value ->> 'address'))
  where key is not null
)`;

/**
 * `maximum` 0: a steady rate. A delay is forgotten with its hits once it is at rest, and does not look at `until` while
 * there are free ones: requests are not worked off in the order of their clocks. `slack` null: nothing is refused.
 */
const dueSql = `kept as materialized (
  select asked.key, asked.value, max(coalesce(kept.until, 0), ?2) as until, asked.value ->> 'free' as free,
    coalesce(case when kept.expires_at > ?2 then kept.hits end, 0) as hits
  from asked left join rate_limits as kept on kept.key = asked.key
), due as materialized (
  select key, hits, until, case when hits >= free then value ->> 'slack' end as slack, value ->> 'quiet' as quiet, case
    when value ->> 'maximum' = 0 then value ->> 'base'
    when hits + 1 < free then 0
    else min((value ->> 'base') << min(hits + 1 - free, 30), value ->> 'maximum') end as step
  from kept
)`;
