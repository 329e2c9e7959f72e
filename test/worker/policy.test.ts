import { describe, expect, test } from 'vitest';
import { type Action, actions, standings } from '../../schema/roles.ts';
import { tokenPermissions } from '../../schema/token-permissions.ts';
import { AppError } from '../../worker/errors.ts';
import { authorize, can, may } from '../../worker/policy.ts';
import { permissionsFor } from '../../worker/token-permissions.ts';

const signedIn = {
  accountId: 'somebody',
  credential: 'session',
  aal: 'aal1',
  hasFactor: false,
  permissions: null,
} as const;
const named = { id: 1, slug: 'acme' };

describe('what each role may do', () => {
  // Owner, Administrator, Developer, Read-only, Project-scoped
  test.each([
    ['organization:read', 'OADRP'],
    ['organization:update', 'OA'],
    ['organization:delete', 'O'],
    ['organization:enforce-mfa', 'O'],
    ['members:read', 'OADRP'],
    ['members:manage', 'OA'],
    ['owners:manage', 'O'],
    ['audit:read', 'OA'],
    ['projects:read', 'OADRP'],
    ['projects:create', 'OA'],
    ['projects:update', 'OA'],
    ['projects:power', 'OA'],
    ['projects:delete', 'OA'],
    ['secrets:read', 'OAD'],
    ['secrets:manage', 'OA'],
    ['sql:read', 'OADR'],
    ['sql:write', 'OAD'],
  ] as const satisfies [Action, string][])('%s: %s', (action, expected) => {
    const allowed = standings.filter((standing) => can(standing, action)).map((standing) => standing.charAt(0));
    expect(allowed.join('')).toBe(expected);
  });

  test('is said of every action', () => {
    expect(actions.filter((action) => standings.every((standing) => !can(standing, action)))).toEqual([]);
  });
});

describe('an organization that wants a second factor', () => {
  const place = { ...named, role: 'Owner', requiresMfa: true } as const;
  test.each([
    ['a session without it', signedIn, false],
    ['a session that showed it', { ...signedIn, aal: 'aal2', hasFactor: true }, true],
    ['a token of an account with one', { ...signedIn, credential: 'token', hasFactor: true }, true],
    ['a token of an account without', { ...signedIn, credential: 'token' }, false],
  ] as const)('and %s', (_, actor, expected) => {
    expect(may(actor, place, 'organization:read')).toBe(expected);
    const attempt = () => authorize(actor, place, 'organization:read');
    if (expected) expect(attempt).not.toThrow();
    else expect(attempt).toThrow(expect.objectContaining({ code: 'insufficient_aal' }));
  });
});

describe('an access token with permissions', () => {
  const token = (permissions: string[]) =>
    ({ accountId: 'somebody', credential: 'token', aal: 'aal1', hasFactor: false, permissions }) as const;

  test.each(actions)('does %s with one that allows it, and with all others does not', (action) => {
    const place = { ...named, role: 'Owner', requiresMfa: false } as const;
    for (const permission of permissionsFor[action]) expect(may(token([permission]), place, action)).toBe(true);
    const allowing: readonly string[] = permissionsFor[action];
    const others = tokenPermissions.filter((permission) => !allowing.includes(permission));
    expect(may(token(others), place, action)).toBe(false);
    expect(() => authorize(token(others), place, action)).toThrow(AppError);
  });

  test.each(actions)('never does %s for an owner whose role does not', (action) => {
    for (const role of standings.filter((standing) => !can(standing, action))) {
      expect(may(token([...tokenPermissions]), { role, requiresMfa: false }, action)).toBe(false);
    }
  });
});
