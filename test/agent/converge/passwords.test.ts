import { expect, test } from 'vitest';
import { passwordVerifier } from '../../../agent/converge/password-verifier.ts';
import { staleRoles } from '../../../agent/converge/passwords.ts';
import { passwordRoles } from '../../../agent/converge/roles.ts';

const dbPassword = 'of the project';
const adminPassword = 'of the superuser';
const salt = new Uint8Array(16);
const fitting = passwordVerifier(dbPassword, salt);
const admins = passwordVerifier(adminPassword, salt);

/** Verifiers of a database where everything fits, with changes. */
function verifiers(changes: Record<string, string | null> = {}): Record<string, string | null> {
  return { ...Object.fromEntries(passwordRoles.map((role) => [role, fitting])), supabase_admin: admins, ...changes };
}

test.each([
  ['nothing where all fit', verifiers(), []],
  ['a role without a password', verifiers({ pgbouncer: null }), [{ password: dbPassword, roles: ['pgbouncer'] }]],
  ["a role with the superuser's", verifiers({ postgres: admins }), [{ password: dbPassword, roles: ['postgres'] }]],
  [
    "the superuser with the project's",
    verifiers({ supabase_admin: fitting }),
    [{ password: adminPassword, roles: ['supabase_admin'] }],
  ],
  [
    'a role that logs in in some images only, where it does',
    verifiers({ supabase_realtime_admin: null }),
    [{ password: dbPassword, roles: ['supabase_realtime_admin'] }],
  ],
  [
    'every role where there is none yet',
    {},
    [
      { password: dbPassword, roles: passwordRoles },
      { password: adminPassword, roles: ['supabase_admin'] },
    ],
  ],
])('a new password is for %s', (_, stored, expected) => {
  expect(staleRoles(stored, { dbPassword, adminPassword })).toEqual(expected);
});

test('the superuser that logs in without a password is left alone, whatever it has', () => {
  for (const verifier of [null, fitting, admins]) {
    expect(staleRoles(verifiers({ supabase_admin: verifier }), { dbPassword, adminPassword: null })).toEqual([]);
  }
});
