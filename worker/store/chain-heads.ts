import { auditHeads } from '../../schema/tables/audit.ts';
import type { Database, Statement } from './db.ts';

/** Columns for loaders of what is changed next: the change needs no round trip of its own to ask for them. */
export const headFields = { chainSequence: auditHeads.sequence, chainHash: auditHeads.hash };

type WithHead = { chainSequence: number | null; chainHash: string | null };

/** The prepared statement without `headFields`, which are noted on the way; `organizationOf` says whose they are. */
export function rememberingHeads<Values, Row extends WithHead>(
  database: Pick<Database, 'rememberHead'>,
  prepared: (values: Values) => Statement<Row[]>,
  organizationOf: (row: Row) => number,
): (values: Values) => Statement<Omit<Row, keyof WithHead>[]> {
  return (values) => {
    const statement = prepared(values);
    return {
      ...statement,
      decode: (set) =>
        statement.decode(set).map((row) => {
          const { chainSequence: sequence, chainHash: hash, ...rest } = row;
          database.rememberHead(organizationOf(row), sequence === null || hash === null ? null : { sequence, hash });
          return rest;
        }),
    };
  };
}

/** For the batch that loads a project: notes the head of its organization and returns nothing of it. */
export function noteHeadOf(database: Pick<Database, 'rememberHead'>, ref: string): Statement<null> {
  return {
    sql: `select projects.organization_id, sequence, hash from projects
          left join audit_heads on audit_heads.organization_id = projects.organization_id where ref = ?`,
    args: [ref],
    decode: ({ rows: [row] }) => {
      if (row === undefined) return null;
      database.rememberHead(
        Number(row[0]),
        row[1] === null ? null : { sequence: Number(row[1]), hash: String(row[2]) },
      );
      return null;
    },
  };
}
