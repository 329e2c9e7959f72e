import type { RequestInfo } from '../deps.ts';
import { auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database, Statement } from './db.ts';
import { leftoversOf, noOthers, removeLeftovers } from './leftovers.ts';

/** Hosts that leave by themselves. */
export function departureStore(database: Database) {
  return {
    /**
     * Two round trips: ends the host's key when no project lives on it, together with what was being removed there,
     * which its agent saw gone. `refs`: up to `atMost` projects that keep it from leaving.
     */
    async leave(
      input: { hostId: string; at: number; atMost: number },
      request: RequestInfo,
    ): Promise<{ left: boolean; refs: string[] }> {
      const { hostId, at, atMost } = input;
      const by = { actor: { kind: 'host', id: hostId } as const, request, at };
      const [leftovers] = await database.read([leftoversOf(hostId)]);
      const others = noOthers(hostId, leftovers);
      const [refs, left] = await database.write([
        projectsOf(hostId, atMost),
        change(
          `update hosts set revoked_at = ?, name = name || ' (left ' || substr(id, 1, 8) || ')'
           where id = ? and revoked_at is null and not exists (${livingProjects}) and ${others.sql}`,
          [at, hostId, hostId, ...others.args],
        ),
        auditInsert({ organizationId: null, action: 'host.leave', target: hostId }, by),
        ...removeLeftovers(
          leftovers,
          { sql: 'select id from hosts where id = ? and revoked_at = ?', args: [hostId, at] },
          { host: hostId, hostLeft: true },
          by,
        ),
      ]);
      return { left: left.rowsAffected === 1, refs };
    },
  };
}
export type DepartureStore = ReturnType<typeof departureStore>;

const livingProjects = "select 1 from projects where host_id = ? and power <> 'removed'";

function projectsOf(hostId: string, atMost: number): Statement<string[]> {
  return {
    sql: `select ref from projects where host_id = ? and power <> 'removed' order by ref limit ?`,
    args: [hostId, atMost],
    decode: ({ rows }) => rows.map((row) => String(row[0])),
  };
}
