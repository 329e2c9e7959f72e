import { type Client, type InStatement, type InValue, LibsqlError, type ResultSet } from '@libsql/client/web';
import { fillPlaceholders, type Query } from 'drizzle-orm';
import type { LibSQLDatabase } from 'drizzle-orm/libsql';
import { drizzle } from 'drizzle-orm/libsql/web';
import { AppError } from '../errors.ts';
import { type ChainedEntry, type ChainOptions, type Chains, createChains } from './chain.ts';

/** SQL with its values, and how to read what it returns. */
export type Statement<Rows> = {
  sql: string;
  args: InValue[];
  decode(set: ResultSet): Rows;
  /** an audit row of an organization: its values are bound when it is sent */
  chained?: ChainedEntry | undefined;
};

export type Sendable = { sql: string; args: InValue[] };
export type SendBatch = (statements: Sendable[], mode: 'read' | 'write') => Promise<ResultSet[]>;

/** The rows that a prepared statement reads. */
export type RowOf<Prepared> = Prepared extends (values: never) => Statement<(infer Row)[]> ? Row : never;

/** What drizzle's builders have in common that is needed here. */
type Builder<Rows> = PromiseLike<Rows> & {
  prepare(): { getQuery(): Query; mapResult(response: unknown, isFromBatch?: boolean): unknown };
};

type Decoded<S extends readonly Statement<unknown>[]> = { [K in keyof S]: ReturnType<S[K]['decode']> };

export type Database = {
  /** builds statements; it never runs one */
  orm: LibSQLDatabase;
  /** Builds once; the result binds `sql.placeholder` values, one `Statement` a call. */
  prepare<Rows, Values extends Record<string, unknown>>(builder: Builder<Rows>): (values: Values) => Statement<Rows>;
  /** One round trip, read-only, all statements in one snapshot. */
  read<const S extends readonly Statement<unknown>[]>(statements: S): Promise<Decoded<S>>;
  /** One round trip, all or nothing. Statements without rows decode to `{ rowsAffected }`. */
  write<const S extends readonly Statement<unknown>[]>(statements: S): Promise<Decoded<S>>;
  /** Keeps the head of an organization's audit chain that a loader came by. */
  rememberHead: Chains['remember'];
};

/** The only place that talks to the driver. */
export function openDatabase(client: Client, chain: ChainOptions): Database {
  const chains = createChains(chain, (statements, mode) => send(client, statements, mode));

  function decodeAll<const S extends readonly Statement<unknown>[]>(statements: S, sets: ResultSet[]): Decoded<S> {
    const decoded = statements.map((statement, index) => {
      const set = sets[index];
      if (set === undefined) throw new Error('the database answered fewer results than statements');
      return statement.decode(set);
    });
    // a mapped tuple cannot be built element by element in the type system
    return decoded as Decoded<S>;
  }

  return {
    orm: drizzle(client),
    prepare: (builder) => {
      const prepared = builder.prepare();
      const query = prepared.getQuery();
      return (values) => ({
        sql: query.sql,
        args: fillPlaceholders(query.params, values) as InValue[],
        // drizzle types mapResult as unknown; the rows' type is that of the builder it prepared
        decode: (set) => prepared.mapResult(set, true) as Awaited<typeof builder>,
      });
    },
    read: async (statements) => decodeAll(statements, await send(client, statements.map(toSend), 'read')),
    write: async (statements) => decodeAll(statements, await chains.write(statements)),
    rememberHead: chains.remember,
  };
}

function toSend({ sql, args }: Statement<unknown>): Sendable {
  return { sql, args };
}

/** A busy database, or a server with too many requests, did nothing yet: asking again is safe. In milliseconds. */
const busyPausesMs = [40, 120, 360, 800];

async function send(client: Client, statements: InStatement[], mode: 'read' | 'write'): Promise<ResultSet[]> {
  for (const pauseMs of busyPausesMs) {
    try {
      return await client.batch(statements, mode);
    } catch (error) {
      if (!isBusy(error)) throw unavailable(error);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  try {
    return await client.batch(statements, mode);
  } catch (error) {
    throw unavailable(error);
  }
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof LibsqlError)) return false;
  return (
    error.code.startsWith('SQLITE_BUSY') || (error.code === 'SERVER_ERROR' && /\bstatus 429\b/.test(error.message))
  );
}

/** The driver's codes for "nobody answered as it should"; a failed fetch has none. What SQL refuses goes on as it is. */
const unansweredCodes = new Set(['SERVER_ERROR', 'HRANA_PROTO_ERROR', 'HRANA_CLOSED_ERROR']);

function unavailable(error: unknown): unknown {
  if (error instanceof LibsqlError && !isBusy(error) && !unansweredCodes.has(error.code)) return error;
  return new AppError('database_unavailable', 'The database does not answer at the moment; try again', {
    cause: error,
    retryAfterSeconds: 1,
  });
}
