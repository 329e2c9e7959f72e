import type { InValue } from '@libsql/client/web';
import type { Statement } from './db.ts';

/** A statement that changes rows, for a write batch. */
export function change(sql: string, args: InValue[]): Statement<{ rowsAffected: number }> {
  return { sql, args, decode: (set) => ({ rowsAffected: set.rowsAffected }) };
}
