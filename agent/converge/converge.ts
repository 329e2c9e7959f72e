import { createHash } from 'node:crypto';
import { RuntimeFailure } from '../runtime-failure.ts';
import { despiteContention } from './contention.ts';
import { type ConvergeClient, fingerprintSql, type Inspection, inspect, ownSettings, recordHolder } from './inspect.ts';
import { setPassword, staleRoles } from './passwords.ts';
import { publicGrantsSql } from './schemas.ts';
import { convergeSteps, type Services, type Step } from './steps.ts';

export type ConvergeOptions = {
  /** what every role that logs in gets as its password; it never reaches the server */
  dbPassword: string;
  /** the superuser's own, likewise; null where it logs in without one, then it is left as it is */
  adminPassword: string | null;
  jwtExpirySeconds: number;
  services: Services;
  randomBytes(size: number): Uint8Array;
};

/** `ran`: the SQL was applied. `passwords`: roles whose password was set. Neither: the database was as it should be. */
export type Converged = { ran: boolean; passwords: string[] };

const advisoryLock = 7_250_117;

/**
 * Makes the connected database a Supabase database, or finds in one query that it is one: bare, or made by upstream's
 * image, whose own arrangement stays. `client` is a session of the bootstrap superuser in the project's database, by
 * socket or TCP. Everything happens in one transaction, so a run that dies leaves nothing; runs at the same time wait for
 * each other. Safe on a database in use: it waits at most five seconds for a lock, then fails; where it collides with
 * somebody else's change of the catalog it begins again. Throws a RuntimeFailure that names the step.
 */
export async function converge(client: ConvergeClient, options: ConvergeOptions): Promise<Converged> {
  const steps = convergeSteps(options);
  const version = convergeVersion(steps);
  const settled = todo(await inspect(client), version, options);
  if (!settled.run && settled.passwords.length === 0) return { ran: false, passwords: [] };
  return despiteContention(() => convergeOnce(client, steps, version, options));
}

/** Names the SQL of these steps: a template made under one version needs no other run while it stays the same. */
export function convergeVersion(steps: Step[]): string {
  return createHash('sha256')
    .update(JSON.stringify([steps, publicGrantsSql]))
    .digest('hex')
    .slice(0, 16);
}

async function convergeOnce(
  client: ConvergeClient,
  steps: Step[],
  version: string,
  options: ConvergeOptions,
): Promise<Converged> {
  await client.query(
    `begin read write; ${ownSettings} set local client_min_messages = warning; select pg_advisory_xact_lock(${advisoryLock})`,
  );
  try {
    // another run may have done the work while this one waited
    const found = await inspect(client);
    const { run } = todo(found, version, options);
    if (run) await runSteps(client, found.isBare ? [...steps, { name: 'public grants', sql: publicGrantsSql }] : steps);
    const { passwords } = todo(run ? await inspect(client) : found, version, options);
    for (const { password, roles } of passwords) await setPassword(client, roles, password, options.randomBytes(16));
    if (run) await client.query(recordSql(version));
    await client.query('commit');
    return { ran: run, passwords: passwords.flatMap(({ roles }) => roles) };
  } catch (error) {
    // a connection that broke has rolled back by itself; what failed first is what counts
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

function todo(found: Inspection, version: string, options: ConvergeOptions) {
  return {
    run: found.recorded !== `${version} ${found.fingerprint}`,
    passwords: staleRoles(found.verifiers, options),
  };
}

async function runSteps(client: ConvergeClient, steps: Step[]): Promise<void> {
  for (const step of steps) {
    try {
      await client.query(step.sql);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'unknown error';
      throw new RuntimeFailure(`Preparing the database failed at "${step.name}": ${reason}`, { cause });
    }
  }
}

function recordSql(version: string): string {
  return `do $do$ begin
  execute format('comment on event trigger ${recordHolder} is %L', '${version} ' || (${fingerprintSql}));
end $do$`;
}
