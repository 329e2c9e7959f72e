import type { createClient } from '@libsql/client/web';
import { type Database, openDatabase, type Statement } from '../../worker/store/db.ts';
import { unsealedChain } from './chain.ts';

export type RecordedDatabase = {
  database: Database;
  /** how the database goes about each statement that was sent and matches, a line per step */
  plansOf(match: RegExp): Promise<string[]>;
};

/** The real database, which remembers what it was asked so that a test can look at the query plans. */
export function recordStatements(client: ReturnType<typeof createClient>): RecordedDatabase {
  const opened = openDatabase(client, unsealedChain);
  const sent: Statement<unknown>[] = [];
  return {
    database: {
      ...opened,
      read(statements) {
        sent.push(...statements);
        return opened.read(statements);
      },
      write(statements) {
        sent.push(...statements);
        return opened.write(statements);
      },
    },
    async plansOf(match) {
      const matching = sent.filter(({ sql }) => match.test(sql));
      const plans = await Promise.all(
        matching.map(({ sql, args }) => client.execute({ sql: `explain query plan ${sql}`, args })),
      );
      return plans.map(({ rows }) => rows.map((row) => String(row.detail)).join('\n'));
    },
  };
}
