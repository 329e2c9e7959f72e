import { createHash } from 'node:crypto';
import { RuntimeFailure } from '../runtime-failure.ts';
import { type ConvergeClient, fingerprintSql, type Inspection, inspect, recordHolder } from './inspect.ts';
import { passwordVerifier, verifierMatches } from './password-verifier.ts';
import { passwordRoles } from './roles.ts';
import { publicGrantsSql } from './schemas.ts';
import { convergeSteps, type Services, type Step } from './steps.ts';

export type ConvergeOptions = {
  /** what every role that logs in gets as its password; it never reaches the server */
  dbPassword: string;
  jwtExpirySeconds: number;
  services: Services;
  randomBytes(size: number): Uint8Array;
};

/** `ran`: the SQL was applied. `passwords`: roles whose password was set. Neither: the database was as it should be. */
export type Converged = { ran: boolean; passwords: string[] };

const advisoryLock = 7_250_117;

/**
 * Makes the connected database a Supabase database, or finds in one query that it is one. `client` is a session of the
 * bootstrap superuser in the project's database. Everything happens in one transaction, so a run that dies leaves
 * nothing; runs at the same time wait for each other. Safe on a database in use: it waits at most five seconds for a
 * lock, then fails. Throws a RuntimeFailure that names the step.
 */
export async function converge(client: ConvergeClient, options: ConvergeOptions): Promise<Converged> {
  const steps = convergeSteps(options);
  const version = convergeVersion(steps);
  const settled = todo(await inspect(client), version, options.dbPassword);
  if (!settled.run && settled.passwords.length === 0) return { ran: false, passwords: [] };

  await client.query(`begin read write; set local search_path = ''; set local client_min_messages = warning;
    set local lock_timeout = '5s'; set local statement_timeout = '60s'; select pg_advisory_xact_lock(${advisoryLock})`);
  try {
    // another run may have done the work while this one waited
    const found = await inspect(client);
    const { run } = todo(found, version, options.dbPassword);
    if (run) await runSteps(client, found.isBare ? [...steps, { name: 'public grants', sql: publicGrantsSql }] : steps);
    const { passwords } = todo(run ? await inspect(client) : found, version, options.dbPassword);
    if (passwords.length > 0)
      await setPasswords(client, passwords, passwordVerifier(options.dbPassword, options.randomBytes(16)));
    if (run) await client.query(recordSql(version));
    await client.query('commit');
    return { ran: run, passwords };
  } catch (error) {
    // a connection that broke has rolled back by itself; what failed first is what counts
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Names the SQL of these steps: a template made under one version needs no other run while it stays the same. */
export function convergeVersion(steps: Step[]): string {
  return createHash('sha256')
    .update(JSON.stringify([steps, publicGrantsSql]))
    .digest('hex')
    .slice(0, 16);
}

function todo(found: Inspection, version: string, password: string): { run: boolean; passwords: string[] } {
  // all roles share one verifier after the first run, and each check costs 4096 rounds of hashing
  const verdicts = new Map<string | null, boolean>();
  const fits = (verifier: string | null): boolean => {
    const known = verdicts.get(verifier) ?? verifierMatches(verifier, password);
    verdicts.set(verifier, known);
    return known;
  };
  return {
    run: found.recorded !== `${version} ${found.fingerprint}`,
    passwords: passwordRoles.filter((role) => !fits(found.verifiers[role] ?? null)),
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

/** The verifier travels as a parameter and is used inside of a block: neither the log nor pg_stat_activity shows it. */
async function setPasswords(client: ConvergeClient, roles: string[], verifier: string): Promise<void> {
  await client.query("select set_config('supafleet.verifier', $1, true), set_config('supafleet.roles', $2, true)", [
    verifier,
    roles.join(','),
  ]);
  await client.query(`do $do$
declare
  name text;
begin
  foreach name in array string_to_array(current_setting('supafleet.roles'), ',') loop
    execute format('alter role %I password %L', name, current_setting('supafleet.verifier'));
  end loop;
end $do$`);
}

function recordSql(version: string): string {
  return `do $do$ begin
  execute format('comment on event trigger ${recordHolder} is %L', '${version} ' || (${fingerprintSql}));
end $do$`;
}
