import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson, type Person } from '../../support/people.ts';

type Session = { access_token: string; refresh_token: string };
const day = 24 * 3600 * 1000;

describe('a refresh token', () => {
  let t: TestApp;
  let person: Person;
  let first: Session;

  beforeAll(async () => {
    t = await createTestApp();
  });

  beforeEach(async () => {
    person = await createPerson(t);
    const response = await token('password', { email: person.email, password: 'correct horse battery' });
    first = await response.json();
  });

  const token = (grant: string, body: object) =>
    t.app.request(`/auth/v1/token?grant_type=${grant}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const refresh = (refreshToken: string) => token('refresh_token', { refresh_token: refreshToken });
  const refreshed = async (refreshToken: string): Promise<Session> => {
    const response = await refresh(refreshToken);
    expect(response.status).toBe(200);
    return response.json();
  };
  const errorOf = async (response: Response) => (await response.json()).error_code;
  const profile = async (session: Session) =>
    (await t.app.request('/platform/profile', { headers: { authorization: `Bearer ${session.access_token}` } })).status;
  const audited = async (action: string) => {
    const { rows } = await t.client.execute({
      sql: 'select details from audit_entries where target = ? and action = ?',
      args: [person.accountId, action],
    });
    return rows.length;
  };

  test('is rotated in two round trips and never stored in plain', async () => {
    t.roundTrips.reset();
    const second = await refreshed(first.refresh_token);
    expect(t.roundTrips.count).toBe(2);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await profile(second)).toBe(200);
    const { rows } = await t.client.execute('select * from refresh_tokens');
    expect(JSON.stringify(rows)).not.toContain(second.refresh_token);
  });

  test('still works for ten seconds after it was rotated, and what it gives works on', async () => {
    const second = await refreshed(first.refresh_token);
    t.clock.advance(9_000);
    const sibling = await refreshed(first.refresh_token);
    t.clock.advance(60_000);
    for (const session of [second, sibling]) expect(await profile(await refreshed(session.refresh_token))).toBe(200);
  });

  test('used again after ten seconds ends the session at once, for everybody in it', async () => {
    const second = await refreshed(first.refresh_token);
    t.clock.advance(10_000);
    const reused = await refresh(first.refresh_token);
    expect([reused.status, await errorOf(reused)]).toEqual([400, 'refresh_token_already_used']);
    expect([await profile(first), await profile(second)]).toEqual([401, 401]);
    expect(await errorOf(await refresh(second.refresh_token))).toBe('refresh_token_not_found');
    expect(await audited('session.reuse-detected')).toBe(1);
  });

  test('refreshed by twenty tabs at once ends nothing, and every tab can go on', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(first.refresh_token)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200));
    const sessions: Session[] = await Promise.all(answers.map((answer) => answer.json()));
    expect(new Set(sessions.map((session) => session.refresh_token)).size).toBe(20);
    t.clock.advance(3600_000);
    const next = await Promise.all(sessions.map((session) => refreshed(session.refresh_token)));
    expect(await Promise.all(next.map(profile))).toEqual(Array(20).fill(200));
    expect(await audited('session.reuse-detected')).toBe(0);
  });

  test('reused by many at once ends the session once', async () => {
    await refreshed(first.refresh_token);
    t.clock.advance(10_000);
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(first.refresh_token)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([400]));
    expect(await audited('session.reuse-detected')).toBe(1);
  });

  test('keeps a session for thirty days after its last use, not longer', async () => {
    t.clock.advance(29 * day);
    const second = await refreshed(first.refresh_token);
    t.clock.advance(29 * day);
    const third = await refreshed(second.refresh_token);
    t.clock.advance(30 * day);
    const late = await refresh(third.refresh_token);
    expect([late.status, await errorOf(late)]).toEqual([400, 'session_expired']);
  });

  test('of a disabled account is refused', async () => {
    await t.client.execute({ sql: 'update accounts set disabled_at = 1 where id = ?', args: [person.accountId] });
    expect(await errorOf(await refresh(first.refresh_token))).toBe('user_banned');
    expect(await profile(first)).toBe(401);
  });

  test('does not survive signing out', async () => {
    await t.app.request('/auth/v1/logout?scope=local', {
      method: 'POST',
      headers: { authorization: `Bearer ${first.access_token}` },
    });
    expect(await errorOf(await refresh(first.refresh_token))).toBe('refresh_token_not_found');
  });
});
