import { change } from './change.ts';
import type { Statement } from './db.ts';
import { isSilent } from './silent-hosts.ts';

type Affected = Statement<{ rowsAffected: number }>;

/**
 * Tells people of hosts that are about to be marked lost, and has to go before that. Operators are told of the host;
 * Owners and Administrators, of how many projects of their organization are on it.
 */
export function hostLostNotices({ now, lostBefore }: { now: number; lostBefore: number }): [Affected, Affected] {
  return [
    change(
      `insert into notifications (id, account_id, name, priority, data, created_at)
       select ${newId}, a.id, 'host.lost', 'Critical', json_object(
           'title', 'A host does not report any more',
           'message', 'The host ' || ${asText('h.name')} || ' is silent. What runs on it may well go on running; its state is unknown until it reports again.',
           'actions', json('[]')), ?
       from (select * from hosts where ${isSilent}) as h cross join accounts as a
       where a.is_operator = 1 and a.disabled_at is null`,
      [now, lostBefore],
    ),
    change(
      `insert into notifications (id, account_id, name, priority, organization_slug, data, created_at)
       select ${newId}, a.id, 'host.lost', 'Critical', o.slug, json_object(
           'title', 'The state of projects is unknown',
           'message', 'The host of ' || p.count || case p.count when 1 then ' project' else ' projects' end || ' of '
             || ${asText('o.name')} || ' does not report any more. They may well go on running; their state is unknown until it reports again.',
           'org_slug', o.slug,
           'actions', json('[]')), ?
       from (select organization_id, count(*) as count from projects
             where host_id in (select id from hosts where ${isSilent}) group by organization_id, host_id) as p
       join organizations as o on o.id = p.organization_id
       join memberships as m on m.organization_id = o.id and m.role in ('Owner', 'Administrator')
       join accounts as a on a.id = m.account_id and a.is_operator = 0 and a.disabled_at is null`,
      [now, lostBefore],
    ),
  ];
}

/** A UUID of the database's own chance: how many are needed is only known there. */
const newId = `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a'
  || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`;

/** Text that people chose, so that Markdown shows it as it is; SQL over a column. */
function asText(column: string): string {
  return ['\\', '`', '*', '_', '[', ']', '<', '>', '!', '#', '|', '~'].reduce(
    (sql, character) => `replace(${sql}, '${character}', '\\${character}')`,
    column,
  );
}
