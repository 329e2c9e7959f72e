import { z } from 'zod';
import { RuntimeFailure } from '../runtime-failure.ts';
import { despiteContention } from './contention.ts';
import type { ConvergeClient } from './inspect.ts';

/** A session of the bootstrap superuser that whoever opened it ends. */
export type ConvergeSession = ConvergeClient & { close(): Promise<void> };

export type ServicesOptions = {
  /** opens a session in the database of that name; called for the project's own and, where needed, for the services' */
  connect(database: string): Promise<ConvergeSession>;
  /** which of the services that keep their data beside the project's database run */
  services: { pooler: boolean; analytics: boolean };
};

const projectDatabase = 'postgres';
const servicesDatabase = '_supabase';
const schemaOf = { pooler: '_supavisor', analytics: '_analytics' } as const;

/**
 * Makes the database and the schemas in which pooler and analytics keep their own data, with upstream's names; what is
 * there stays. Users have no access to it. A database cannot be made within a transaction, hence apart from `converge`;
 * every step of it may be the last one and another run goes on from there; runs at the same time wait for each other.
 * Resolves to whether anything was made.
 * Two queries in two sessions when nothing is missing, none where neither service runs. Throws a RuntimeFailure.
 */
export async function convergeServices(options: ServicesOptions): Promise<boolean> {
  const schemas = (['pooler', 'analytics'] as const)
    .filter((service) => options.services[service])
    .map((service) => schemaOf[service]);
  if (schemas.length === 0) return false;
  try {
    return await despiteContention(async () => {
      const madeDatabase = await inSession(options, projectDatabase, makeDatabase);
      const madeSchemas = await inSession(options, servicesDatabase, (session) => makeSchemas(session, schemas));
      return madeDatabase || madeSchemas;
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown error';
    throw new RuntimeFailure(`Preparing the database of the services failed: ${reason}`, { cause });
  }
}

/** Before the first question: what users set for their database, or made in it, must not decide what happens here. */
const prelude =
  "set role none; set search_path = ''; set default_transaction_read_only = off; set statement_timeout = '60s';";

/** Of the session, as a database is made outside of a transaction: it goes with it, also when the process dies. */
const lock = 'select pg_advisory_lock(7250118);';

/** Of several results the last is the answer. */
const settled = z
  .array(z.unknown())
  .transform((answers) => answers.at(-1))
  .pipe(z.object({ rows: z.tuple([z.object({ settled: z.boolean() })]) }));

/** Template0: nobody can have left anything there, and nobody can be in it and keep it from being copied. */
async function makeDatabase(session: ConvergeClient): Promise<boolean> {
  const answer = await session.query(`${prelude} select exists (
    select from pg_database where datname = '${servicesDatabase}' and datdba = 'supabase_admin'::regrole
      and datacl is not null and not exists (select from aclexplode(datacl) where grantee = 0)
  ) as settled`);
  if (settled.parse(answer).rows[0].settled) return false;
  const locked = await session.query(
    `${lock} select exists (select from pg_database where datname = '${servicesDatabase}') as settled`,
  );
  if (!settled.parse(locked).rows[0].settled) {
    await session.query(`create database ${servicesDatabase} with owner supabase_admin template template0`);
  }
  await session.query(`alter database ${servicesDatabase} owner to supabase_admin`);
  await session.query(`revoke all on database ${servicesDatabase} from public`);
  return true;
}

async function makeSchemas(session: ConvergeClient, schemas: string[]): Promise<boolean> {
  const names = schemas.map((name) => `'${name}'`).join(', ');
  const answer = await session.query(`${prelude} select count(*) = ${schemas.length} as settled
    from pg_namespace where nspname in (${names}) and nspowner = 'supabase_admin'::regrole`);
  if (settled.parse(answer).rows[0].settled) return false;
  await session.query(lock);
  for (const name of schemas) {
    await session.query(`create schema if not exists ${name} authorization supabase_admin`);
    await session.query(`alter schema ${name} owner to supabase_admin`);
  }
  return true;
}

async function inSession<T>(
  options: ServicesOptions,
  database: string,
  use: (session: ConvergeSession) => Promise<T>,
): Promise<T> {
  const session = await options.connect(database);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
