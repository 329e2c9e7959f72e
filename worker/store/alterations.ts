import type { AuditEntry } from '../../schema/audit-entry.ts';
import type { InstanceSize } from '../../schema/instance-sizes.ts';
import type { Change } from '../../schema/project-status.ts';
import type { StackProfile } from '../../schema/stack-profiles.ts';
import type { Actor, RequestInfo } from '../deps.ts';
import { accountActor, auditInsert } from './audit.ts';
import { change } from './change.ts';
import type { Database } from './db.ts';
import { bumpHost } from './projects.ts';

/** Columns that say what a stack is made of. */
export type StackColumns = { size: InstanceSize; release: string; profile: StackProfile };

/** Changes of what stacks are made of. */
export function alterationStore(database: Database) {
  return {
    /** One round trip, when the generation is still the one that was read. False: somebody else was faster. */
    async alter(
      alteration: { ref: string; generation: number; columns: Partial<StackColumns>; change: Change; at: number },
      audit: { entry: AuditEntry; actor: Actor; request: RequestInfo },
    ): Promise<boolean> {
      const { ref, generation, columns, at } = alteration;
      const [changed] = await database.write([
        change(
          `update projects set size = coalesce(?, size), release = coalesce(?, release), profile = coalesce(?, profile),
                               change = ?, generation = generation + 1, changed_at = ?
           where ref = ? and generation = ? and power <> 'removed'`,
          [
            columns.size ?? null,
            columns.release ?? null,
            columns.profile ?? null,
            alteration.change,
            at,
            ref,
            generation,
          ],
        ),
        auditInsert(audit.entry, { actor: accountActor(audit.actor), request: audit.request, at }),
        bumpHost(ref),
      ]);
      return changed.rowsAffected === 1;
    },
  };
}
export type AlterationStore = ReturnType<typeof alterationStore>;
