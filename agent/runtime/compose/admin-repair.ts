import { passwordVerifier } from '../../converge/password-verifier.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import type { Host } from './host.ts';
import type { ProjectPaths } from './paths.ts';

/**
 * Gives the superuser its password back when somebody changed it: from inside of the database's container, where
 * Postgres trusts whoever comes by loopback. Only the verifier goes in, by standard input.
 */
export async function repairAdmin(
  host: Host,
  options: { project: string; paths: ProjectPaths; adminPassword: string; signal: AbortSignal },
): Promise<void> {
  const verifier = passwordVerifier(options.adminPassword, Buffer.from(host.randomBytes(16)));
  // a verifier is base64, digits and $ : no quote in it
  const sql = `set log_statement = 'none'; set log_min_duration_statement = -1;
alter role supabase_admin password '${verifier}';
`;
  const psql = [
    'psql',
    '-X',
    '-q',
    '-v',
    'ON_ERROR_STOP=1',
    '-h',
    '127.0.0.1',
    '-U',
    'supabase_admin',
    '-d',
    'postgres',
  ];
  try {
    await host.compose.run({
      project: options.project,
      directory: options.paths,
      command: ['exec', '-T', 'db', ...psql, '-f', '-'],
      input: sql,
      signal: options.signal,
    });
  } catch (cause) {
    options.signal.throwIfAborted();
    throw new RuntimeFailure(
      "The database does not accept the agent's superuser, and its password could not be set anew from inside",
      { cause },
    );
  }
  host.log.warn("the superuser's password had been changed and was set anew", { project: options.project });
}
