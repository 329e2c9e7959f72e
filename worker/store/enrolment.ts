import type { HostFacts } from '../../schema/agent-protocol.ts';
import type { Actor, RequestInfo } from '../deps.ts';
import { accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, Statement } from './db.ts';

export type NewHost = { id: string; name: string; region: string; publicKey: string; facts: HostFacts };

export type Enrolment = { kind: 'enrolled'; hostId: string } | { kind: 'bad_token' | 'name_taken' };

/** One-time tokens and the hosts that come in by them. */
export function enrolmentStore(database: Database) {
  return {
    /** One round trip. `hash`: SHA-256 of the token, hex. */
    async addToken(
      token: { hash: string; createdAt: number; expiresAt: number },
      audit: { actor: Actor; request: RequestInfo },
    ): Promise<void> {
      await database.write([
        change('insert into enrolment_tokens (hash, created_by, created_at, expires_at) values (?, ?, ?, ?)', [
          token.hash,
          audit.actor.accountId,
          token.createdAt,
          token.expiresAt,
        ]),
        auditInsert(
          // the hash's beginning tells tokens apart without telling how to use one
          { organizationId: null, action: 'enrolment-token.create', target: token.hash.slice(0, 12) },
          { actor: accountActor(audit.actor), request: audit.request, at: token.createdAt },
        ),
      ]);
    },

    /**
     * One round trip: uses the token up and makes the host, or does neither and says why. A living host that comes again
     * with its key stays that host, whether its token is still good (then it is used up) or is the one it came in by.
     */
    async enrol(input: { tokenHash: string; host: NewHost; at: number }, request: RequestInfo): Promise<Enrolment> {
      const { tokenHash, host, at } = input;
      const [known, alive, usedBy, , inserted] = await database.write([
        hostOfKey(host.publicKey),
        tokenIsAlive(tokenHash, at),
        userOfToken(tokenHash),
        useToken(tokenHash, host, at),
        insertHost(host, at),
        auditInsert(
          { organizationId: null, action: 'host.enrol', target: host.id, details: { name: host.name } },
          { actor: { kind: 'host', id: host.id }, request, at },
        ),
      ]);
      if (inserted.rowsAffected === 1) return { kind: 'enrolled', hostId: host.id };
      if (known !== null && (alive || usedBy === known)) return { kind: 'enrolled', hostId: known };
      return { kind: alive ? 'name_taken' : 'bad_token' };
    },
  };
}
export type EnrolmentStore = ReturnType<typeof enrolmentStore>;

function tokenIsAlive(hash: string, at: number): Statement<boolean> {
  return {
    sql: 'select 1 from enrolment_tokens where hash = ? and used_at is null and expires_at > ?',
    args: [hash, at],
    decode: (set) => set.rows.length === 1,
  };
}

const livingHostOfKey = 'select id from hosts where public_key = ? and revoked_at is null';

function hostOfKey(publicKey: string): Statement<string | null> {
  return {
    sql: livingHostOfKey,
    args: [publicKey],
    decode: ({ rows: [row] }) => (row === undefined ? null : String(row[0])),
  };
}

function userOfToken(hash: string): Statement<string | null> {
  return {
    sql: 'select used_by from enrolment_tokens where hash = ? and used_by is not null',
    args: [hash],
    decode: ({ rows: [row] }) => (row === undefined ? null : String(row[0])),
  };
}

function useToken(hash: string, { id, name, publicKey }: NewHost, at: number): Statement<{ rowsAffected: number }> {
  return change(
    `update enrolment_tokens set used_by = coalesce((${livingHostOfKey}), ?), used_at = ?
     where hash = ? and used_at is null and expires_at > ?
       and (exists (${livingHostOfKey}) or not exists (select 1 from hosts where name = ?))`,
    [publicKey, id, at, hash, at, publicKey, name],
  );
}

/** Goes behind the use of the token, and only when that was used just now by somebody new. */
function insertHost({ id, name, region, publicKey, facts }: NewHost, at: number): Statement<{ rowsAffected: number }> {
  return change(
    `insert into hosts (id, name, region, public_key, runtime, agent_version, project_host,
                        front_door_host, front_door_port, first_port, last_port, enrolled_at)
     select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? where changes() = 1 and not exists (${livingHostOfKey})`,
    [
      id,
      name,
      region,
      publicKey,
      facts.runtime,
      facts.agentVersion,
      facts.projectHost,
      facts.frontDoor?.host ?? null,
      facts.frontDoor?.port ?? null,
      facts.portRange.first,
      facts.portRange.last,
      at,
      publicKey,
    ],
  );
}
