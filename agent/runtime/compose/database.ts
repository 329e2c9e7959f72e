import type { Client } from 'pg';
import type { Clock } from '../../deps.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import type { RenderedStack } from '../../stack/rendered-stack.ts';
import { retry } from '../retry.ts';
import { sessionOptions } from '../session-options.ts';

/** A project's Postgres in its own network, and the superuser's password there. */
export type DatabasePlace = { address: string; port: number; adminPassword: string };

/** The superuser's password was changed by somebody else. */
export class AdminRefused extends RuntimeFailure {
  override name = 'AdminRefused';
}

const superuser = 'supabase_admin';

/**
 * Opens a session of the superuser in the database of that name. Rejects as the driver does.
 * @throws AdminRefused when the password does not fit
 */
export async function openSession(
  place: DatabasePlace,
  database: string,
): Promise<Pick<Client, 'query'> & { close(): Promise<void> }> {
  // loaded with the first project: an agent without one does not need it
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    host: place.address,
    port: place.port,
    user: superuser,
    password: place.adminPassword,
    database,
    ssl: false,
    connectionTimeoutMillis: 2_000,
    application_name: 'supafleet',
    options: sessionOptions,
  });
  // A server that goes away between two queries is told by the next query.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    if (codeOf(cause) === '28P01')
      throw new AdminRefused(`The database does not accept ${superuser}'s password: somebody changed it`, { cause });
    throw cause;
  }
  return Object.assign(client, { close: () => client.end() });
}

/** Resolves once Postgres takes the superuser's connections. @throws AdminRefused, RuntimeFailure when it never does */
export async function untilAnswers(
  place: DatabasePlace,
  { clock, signal, timeoutMs }: { clock: Clock; signal: AbortSignal; timeoutMs: number },
): Promise<void> {
  await retry(
    async () => {
      try {
        const session = await openSession(place, 'postgres');
        await session.close();
        return true as const;
      } catch (error) {
        if (isNotYet(error)) return null;
        throw asFailure(error);
      }
    },
    { clock, signal, timeoutMs, everyMs: 50, what: 'Postgres did not take connections' },
  );
}

/** Where the stack's Postgres listens. */
export function databaseOf(stack: RenderedStack): { address: string; port: number } {
  const db = stack.services.find(({ name }) => name === 'db');
  if (db === undefined) throw new Error('a stack without a database was rendered');
  return { address: db.address, port: db.port };
}

/** Errors of the driver become sentences; what is one already stays. */
export function asFailure(error: unknown): RuntimeFailure {
  if (error instanceof RuntimeFailure) return error;
  const reason = error instanceof Error ? error.message : 'unknown reason';
  return new RuntimeFailure(`The agent's session in the database failed: ${reason}`, { cause: error });
}

/** No container yet, nobody behind its port yet, "the database system is starting up", or on its way down. */
export function isNotYet(error: unknown): boolean {
  // what converge says of a step has the driver's own error beneath
  if (error instanceof RuntimeFailure) return error.cause !== undefined && isNotYet(error.cause);
  const code = codeOf(error);
  if (code !== null) return notYet.has(code);
  return error instanceof Error && /timeout expired|terminated unexpectedly|connection terminated/i.test(error.message);
}

const notYet = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  '57P03',
  '57P01',
  '53300',
]);

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
