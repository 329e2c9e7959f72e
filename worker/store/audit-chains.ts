import type { ChainedContents, ChainHead } from '../../schema/audit-chain.ts';
import type { Credential } from '../deps.ts';
import { actorStatements, boundTo, requireActor } from './actor.ts';
import { change } from './change.ts';
import type { Database, Statement } from './db.ts';
import { membershipStatement } from './membership.ts';

/** An entry as its chain is checked; without a sequence it is in none. */
export type ChainRow = ChainedContents & {
  id: number;
  sequence: number | null;
  hash: string | null;
  seal: string | null;
};

/** What is kept of a chain: its head, and the last entry that retention removed (sequence 0: none). */
export type KeptHead = { head: ChainHead; seal: string; anchor: ChainHead; anchorSeal: string };

export type Cut = { organizationId: number; from: number; anchor: ChainHead; anchorSeal: string };

/** The chains of audit entries as a whole. */
export function auditChainStore(database: Database) {
  const actor = actorStatements(database);
  const membership = membershipStatement(database);

  return {
    /** One round trip, one snapshot: the head, and entries with ids above `after`, or the first. */
    async chainOfOrganization(
      credential: Credential,
      slug: string,
      page: { after: number | null; limit: number },
      now: number,
    ) {
      const bound = boundTo(credential, now);
      const [actors, [organization], kept, entries] = await database.read([
        actor(bound),
        membership({ ...bound, slug }),
        headOf(slug),
        entriesOf(slug, page),
      ]);
      return { actor: requireActor(actors), organization: organization ?? null, kept, entries };
    },

    /** One round trip: the oldest entries of each of these chains, in their order. */
    async oldestOf(
      organizationIds: readonly number[],
      limit: number,
    ): Promise<{ organizationId: number; from: number; entries: { at: number; head: ChainHead }[] }[]> {
      const pages = await database.read(organizationIds.map((id) => oldest(id, limit)));
      return organizationIds.map((organizationId, index) => {
        const entries = pages[index] ?? [];
        return { organizationId, from: (entries[0]?.head.sequence ?? 1) - 1, entries };
      });
    },

    /** One round trip: removes the beginnings of chains and keeps where each was cut. Returns how many entries went. */
    async cut(cuts: readonly Cut[]): Promise<number> {
      const results = await database.write(cuts.flatMap(cutOff));
      return results.filter((_, index) => index % 2 === 1).reduce((sum, { rowsAffected }) => sum + rowsAffected, 0);
    },
  };
}
export type AuditChainStore = ReturnType<typeof auditChainStore>;

/** Ids begin with 1, but who puts an entry in may choose one. */
const lowestId = '-9223372036854775808';
const ofSlug = '(select id from organizations where slug = ?)';

function headOf(slug: string): Statement<KeptHead | null> {
  return {
    sql: `select sequence, hash, seal, anchor_sequence, anchor_hash, anchor_seal
          from audit_heads where organization_id = ${ofSlug}`,
    args: [slug],
    decode: ({ rows: [row] }) =>
      row === undefined
        ? null
        : {
            head: { sequence: Number(row[0]), hash: String(row[1]) },
            seal: String(row[2]),
            anchor: { sequence: Number(row[3]), hash: String(row[4]) },
            anchorSeal: String(row[5]),
          },
  };
}

function entriesOf(slug: string, { after, limit }: { after: number | null; limit: number }): Statement<ChainRow[]> {
  return {
    sql: `select id, at, actor_kind, actor_id, action, target, request_id, address, route, credential, details,
                 sequence, hash, seal
          from audit_entries where organization_id = ${ofSlug} and id > coalesce(?, ${lowestId}) order by id limit ?`,
    args: [slug, after, limit],
    decode: ({ rows }) =>
      rows.map((row) => ({
        id: Number(row[0]),
        at: Number(row[1]),
        actorKind: String(row[2]),
        actorId: String(row[3]),
        action: String(row[4]),
        target: String(row[5]),
        requestId: String(row[6]),
        address: textOrNull(row[7]),
        route: textOrNull(row[8]),
        credential: textOrNull(row[9]),
        details: String(row[10]),
        sequence: row[11] === null ? null : Number(row[11]),
        hash: textOrNull(row[12]),
        seal: textOrNull(row[13]),
      })),
  };
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

function oldest(organizationId: number, limit: number): Statement<{ at: number; head: ChainHead }[]> {
  return {
    sql: `select at, sequence, hash from audit_entries
          where organization_id = ? and sequence is not null order by sequence limit ?`,
    args: [organizationId, limit],
    decode: ({ rows }) =>
      rows.map((row) => ({ at: Number(row[0]), head: { sequence: Number(row[1]), hash: String(row[2]) } })),
  };
}

/** Only from where the last cut was, so that what somebody else removed does not become a cut of ours. */
function cutOff({ organizationId, from, anchor, anchorSeal }: Cut): Statement<{ rowsAffected: number }>[] {
  return [
    change(
      `update audit_heads set anchor_sequence = ?, anchor_hash = ?, anchor_seal = ?
       where organization_id = ? and anchor_sequence = ? and sequence >= ?`,
      [anchor.sequence, anchor.hash, anchorSeal, organizationId, from, anchor.sequence],
    ),
    change(
      'delete from audit_entries where changes() = 1 and organization_id = ? and sequence is not null and sequence <= ?',
      [organizationId, anchor.sequence],
    ),
  ];
}
