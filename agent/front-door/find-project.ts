import type { StartupParameters } from './startup-packet.ts';

const ref = '[a-z]{20}';
const superuser = 'supabase_admin';

export type FoundProject =
  | { kind: 'found'; ref: string; parameters: StartupParameters }
  | { kind: 'refused'; message: string; code: string };

/**
 * Finds the project a client means: by the server name of its TLS handshake, `db.<ref>.<project host>`, or by the ref
 * behind its user name, `<role>.<ref>`. The ref is taken off the name, so that Postgres sees the role.
 */
export function findProject(
  parameters: StartupParameters,
  serverName: string | null,
  projectHost: string,
): FoundProject {
  const user = parameters.find(([name]) => name === 'user')?.[1] ?? '';
  if (user === '') return refused('no PostgreSQL user name specified in startup packet', '28000');
  const byName = refOfServerName(serverName, projectHost);
  const suffixed = new RegExp(`^(.+)\\.(${ref})$`, 's').exec(user);
  const bySuffix = suffixed?.[2] ?? null;
  if (byName !== null && bySuffix !== null && byName !== bySuffix) {
    return refused('the host name and the user name mean different projects', '28000');
  }
  const found = byName ?? bySuffix;
  if (found === null) {
    return refused(
      `tenant or user not found: connect as <role>.<project ref>, or with TLS to db.<project ref>.${projectHost}`,
      '28000',
    );
  }
  const role = suffixed?.[1] ?? user;
  // Postgres itself refuses it over TCP; said here, it is not taken for a wrong password.
  if (role === superuser) return refused(`role "${superuser}" is the host's own; connect as postgres`, '28000');
  return {
    kind: 'found',
    ref: found,
    parameters: parameters.map(([name, value]) => [name, name === 'user' ? role : value]),
  };
}

function refOfServerName(serverName: string | null, projectHost: string): string | null {
  const name = serverName?.toLowerCase().replace(/\.$/, '') ?? '';
  const tail = `.${projectHost.toLowerCase()}`;
  if (!name.endsWith(tail)) return null;
  return new RegExp(`^db\\.(${ref})$`).exec(name.slice(0, -tail.length))?.[1] ?? null;
}

function refused(message: string, code: string): FoundProject {
  return { kind: 'refused', message, code };
}
