import type { ConvergeClient } from './inspect.ts';
import { passwordVerifier, verifierMatches } from './password-verifier.ts';
import { passwordRoles, passwordRolesByImage, superuser } from './roles.ts';

/** Roles that are to have this password and do not. */
export type StalePassword = { password: string; roles: string[] };

/** Which roles need another password, by the verifiers of those that can log in. Empty: all fit. */
export function staleRoles(
  verifiers: Record<string, string | null>,
  passwords: { dbPassword: string; adminPassword: string | null },
): StalePassword[] {
  const { dbPassword, adminPassword } = passwords;
  const users = [...passwordRoles, ...passwordRolesByImage.filter((role) => Object.hasOwn(verifiers, role))];
  const wanted = [{ password: dbPassword, roles: users }];
  if (adminPassword !== null) wanted.push({ password: adminPassword, roles: [superuser] });
  return wanted
    .map(({ password, roles }) => {
      const fits = memoized((verifier: string | null) => verifierMatches(verifier, password));
      return { password, roles: roles.filter((role) => !fits(verifiers[role] ?? null)) };
    })
    .filter(({ roles }) => roles.length > 0);
}

/** The verifier travels as a parameter and is used inside of a block: neither the log nor pg_stat_activity shows it. */
export async function setPassword(
  client: ConvergeClient,
  roles: string[],
  password: string,
  salt: Uint8Array,
): Promise<void> {
  await client.query("select set_config('supafleet.verifier', $1, true), set_config('supafleet.roles', $2, true)", [
    passwordVerifier(password, salt),
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

/** All roles share one verifier after the first run, and each check costs 4096 rounds of hashing. */
function memoized(fits: (verifier: string | null) => boolean): (verifier: string | null) => boolean {
  const verdicts = new Map<string | null, boolean>();
  return (verifier) => {
    const verdict = verdicts.get(verifier) ?? fits(verifier);
    verdicts.set(verifier, verdict);
    return verdict;
  };
}
