import type { GoTrueClient } from '@supabase/auth-js';
import { TOTP } from 'otpauth';
import { beforeEach, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../../support/app.ts';
import { authClient, testPassword } from '../../../support/auth-client.ts';
import { createPerson, type Person } from '../../../support/people.ts';
import { send } from '../../../support/requests.ts';

describe('a second factor', () => {
  let t: TestApp;
  let person: Person;

  beforeEach(async () => {
    t = await createTestApp();
    person = await createPerson(t);
  });

  const codeOf = (secret: string, ahead = 0) =>
    new TOTP({ secret, digits: 6, period: 30 }).generate({ timestamp: t.clock.now() + ahead });

  async function signedIn(): Promise<GoTrueClient> {
    const auth = authClient(t);
    const { error } = await auth.signInWithPassword({ email: person.email, password: testPassword });
    expect(error).toBeNull();
    return auth;
  }

  async function enrolled(auth: GoTrueClient, friendlyName = 'phone') {
    const { data, error } = await auth.mfa.enroll({ factorType: 'totp', friendlyName });
    expect(error).toBeNull();
    if (data === null) throw new Error('not enrolled');
    return { id: data.id, secret: data.totp.secret, totp: data.totp };
  }

  const verify = (auth: GoTrueClient, factor: { id: string; secret: string }, code = codeOf(factor.secret)) =>
    auth.mfa.challengeAndVerify({ factorId: factor.id, code });

  async function protectedPerson() {
    const auth = await signedIn();
    const factor = await enrolled(auth);
    expect((await verify(auth, factor)).error).toBeNull();
    // the next code is one of another step
    t.clock.advance(60_000);
    return { auth, factor };
  }

  const profile = async (auth: GoTrueClient) => {
    const token = (await auth.getSession()).data.session?.access_token;
    return t.app.request('/platform/profile', { headers: { authorization: `Bearer ${token}` } });
  };
  const level = async (auth: GoTrueClient) => (await auth.mfa.getAuthenticatorAssuranceLevel()).data;
  const actions = async () => {
    const { rows } = await t.client.execute({
      sql: "select action from audit_entries where target = ? and action like 'mfa.%' order by id",
      args: [person.accountId],
    });
    return rows.map(({ action }) => action);
  };

  test('is shown as a picture and an address, and asked for once its first code is verified', async () => {
    const auth = await signedIn();
    const factor = await enrolled(auth);
    expect(factor.totp.qr_code).toMatch(/^data:image\/svg\+xml;utf-8,<svg [^#]*<\/svg>$/);
    expect(factor.totp.uri).toContain(`secret=${factor.secret}`);
    expect((await profile(auth)).status).toBe(200);
    expect(await level(auth)).toMatchObject({ currentLevel: 'aal1', nextLevel: 'aal1' });

    const before = (await auth.getClaims()).data?.claims;
    expect((await verify(auth, factor)).error).toBeNull();
    const after = (await auth.getClaims()).data?.claims;
    expect(after).toMatchObject({ aal: 'aal2', session_id: before?.session_id });
    expect(await level(auth)).toMatchObject({
      currentLevel: 'aal2',
      nextLevel: 'aal2',
      currentAuthenticationMethods: [{ method: 'totp' }, { method: 'password' }],
    });
    expect((await profile(auth)).status).toBe(200);
    const { data } = await auth.mfa.listFactors();
    expect(data?.totp).toMatchObject([{ id: factor.id, friendly_name: 'phone', status: 'verified' }]);
    expect(await actions()).toEqual(['mfa.enrol', 'mfa.verify']);
  });

  test('closes everything but the door where it is shown', async () => {
    const { factor } = await protectedPerson();
    const auth = await signedIn();
    expect(await level(auth)).toMatchObject({ currentLevel: 'aal1', nextLevel: 'aal2' });
    const refused = await profile(auth);
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'insufficient_aal' }]);
    expect((await auth.getUser()).error).toBeNull();
    expect((await verify(auth, factor)).error).toBeNull();
    expect((await profile(auth)).status).toBe(200);
  });

  test('stays shown over a refresh, whose token is a new one', async () => {
    const { auth } = await protectedPerson();
    expect((await auth.refreshSession()).error).toBeNull();
    expect(await level(auth)).toMatchObject({ currentLevel: 'aal2' });
    expect((await profile(auth)).status).toBe(200);
  });

  test('takes the refresh token away that was there before', async () => {
    const auth = await signedIn();
    const old = (await auth.getSession()).data.session?.refresh_token ?? '';
    expect((await verify(auth, await enrolled(auth))).error).toBeNull();
    const { error } = await authClient(t).refreshSession({ refresh_token: old });
    expect(error).toMatchObject({ status: 400, code: 'refresh_token_not_found' });
  });

  test('ends the sessions that did not show it, and no other', async () => {
    const { auth, factor } = await protectedPerson();
    const [second, third] = [await signedIn(), await signedIn()];
    expect((await verify(second, factor)).error).toBeNull();
    expect((await profile(second)).status).toBe(200);
    expect((await profile(third)).status).toBe(401);
    expect((await profile(auth)).status).toBe(200);
  });

  test('accepts no code twice, nor one of an earlier step', async () => {
    const { factor } = await protectedPerson();
    const code = codeOf(factor.secret);
    const earlier = codeOf(factor.secret, -30_000);
    expect((await verify(await signedIn(), factor, code)).error).toBeNull();
    for (const used of [code, earlier]) {
      expect((await verify(await signedIn(), factor, used)).error).toMatchObject({
        status: 422,
        code: 'mfa_verification_failed',
      });
    }
  });

  test('lets one of two win who show the same code at the same time', async () => {
    const { factor } = await protectedPerson();
    const auths = [await signedIn(), await signedIn()];
    const code = codeOf(factor.secret);
    const results = await Promise.all(auths.map((auth) => verify(auth, factor, code)));
    expect(results.filter(({ error }) => error === null)).toHaveLength(1);
  });

  test('counts tries, also side by side: five wrong codes and the challenge is over for the right one', async () => {
    const { factor } = await protectedPerson();
    const auth = await signedIn();
    const { data } = await auth.mfa.challenge({ factorId: factor.id });
    const wrong = String((Number(codeOf(factor.secret)) + 1) % 1_000_000).padStart(6, '0');
    const token = (await auth.getSession()).data.session?.access_token;
    const shown = (code: string) =>
      t.app.request(`/auth/v1/factors/${factor.id}/verify`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ challenge_id: data?.id, code }),
      });
    const answers = await Promise.all(Array.from({ length: 8 }, () => shown(wrong)));
    const codes = await Promise.all(answers.map(async (answer) => (await answer.json()).error_code));
    expect(codes.filter((code) => code === 'mfa_verification_failed')).toHaveLength(5);
    const right = await shown(codeOf(factor.secret));
    expect([right.status, await right.json()]).toMatchObject([422, { error_code: 'mfa_challenge_expired' }]);
    expect((await verify(auth, factor)).error).toBeNull();
  });

  test('waits five minutes for its code, and asks once', async () => {
    const { factor } = await protectedPerson();
    const auth = await signedIn();
    const first = (await auth.mfa.challenge({ factorId: factor.id })).data;
    expect((first?.expires_at ?? 0) * 1000).toBeGreaterThan(t.clock.now() + 298_000);
    t.clock.advance(300_000);
    const late = await auth.mfa.verify({
      factorId: factor.id,
      challengeId: first?.id ?? '',
      code: codeOf(factor.secret),
    });
    expect(late.error).toMatchObject({ status: 422, code: 'mfa_challenge_expired' });

    const second = (await auth.mfa.challenge({ factorId: factor.id })).data;
    const answer = { factorId: factor.id, challengeId: second?.id ?? '', code: codeOf(factor.secret) };
    expect((await auth.mfa.verify(answer)).error).toBeNull();
    t.clock.advance(30_000);
    const again = await auth.mfa.verify({ ...answer, code: codeOf(factor.secret) });
    expect(again.error).toMatchObject({ status: 422, code: 'mfa_factor_not_found' });
  });

  test('of somebody else is not there', async () => {
    const { factor } = await protectedPerson();
    person = await createPerson(t);
    const auth = await signedIn();
    for (const { error } of [
      await auth.mfa.challenge({ factorId: factor.id }),
      await verify(auth, factor),
      await auth.mfa.unenroll({ factorId: factor.id }),
    ]) {
      expect(error).toMatchObject({ status: 404, code: 'mfa_factor_not_found' });
    }
  });

  test('is removed by who showed it; then the password is enough, and sessions fall back', async () => {
    const { auth, factor } = await protectedPerson();
    const lesser = await signedIn();
    expect((await lesser.mfa.unenroll({ factorId: factor.id })).error).toMatchObject({
      status: 422,
      code: 'insufficient_aal',
    });
    expect((await auth.mfa.unenroll({ factorId: factor.id })).error).toBeNull();
    expect((await auth.refreshSession()).error).toBeNull();
    expect(await level(auth)).toMatchObject({ currentLevel: 'aal1', nextLevel: 'aal1' });
    expect((await profile(auth)).status).toBe(200);
    expect((await profile(lesser)).status).toBe(200);
    expect(await actions()).toEqual(['mfa.enrol', 'mfa.verify', 'mfa.unenrol']);
    const { rows } = await t.client.execute(
      'select count(*) as n from mfa_challenges where factor_id not in (select id from mfa_factors)',
    );
    expect(Number(rows[0]?.n)).toBe(0);
  });

  test('beside another leaves the level when one of them goes', async () => {
    const { auth, factor } = await protectedPerson();
    const spare = await enrolled(auth, 'spare');
    expect((await verify(auth, spare)).error).toBeNull();
    expect((await auth.mfa.unenroll({ factorId: factor.id })).error).toBeNull();
    expect((await auth.refreshSession()).error).toBeNull();
    expect(await level(auth)).toMatchObject({ currentLevel: 'aal2' });
  });

  test('further one needs one that was shown, a name of its own, and nine others at most', async () => {
    const { auth } = await protectedPerson();
    const lesser = await signedIn();
    expect((await lesser.mfa.enroll({ factorType: 'totp', friendlyName: 'more' })).error).toMatchObject({
      status: 403,
      code: 'insufficient_aal',
    });
    expect((await auth.mfa.enroll({ factorType: 'totp', friendlyName: 'phone' })).error).toMatchObject({
      status: 422,
      code: 'mfa_factor_name_conflict',
    });
    for (let count = 2; count <= 10; count += 1) {
      expect((await verify(auth, await enrolled(auth, `number ${count}`))).error).toBeNull();
    }
    expect((await auth.mfa.enroll({ factorType: 'totp', friendlyName: 'one too many' })).error).toMatchObject({
      status: 422,
      code: 'too_many_enrolled_mfa_factors',
    });
  });

  test('that was never verified makes room for the next one, also by the same name', async () => {
    const auth = await signedIn();
    const first = await enrolled(auth);
    const second = await enrolled(auth);
    const { data } = await auth.mfa.listFactors();
    expect(data?.all.map(({ id }) => id)).toEqual([second.id]);
    expect((await verify(auth, first)).error).toMatchObject({ status: 404 });
  });

  test.each([
    { factor_type: 'phone', status: 422, code: 'mfa_phone_enroll_not_enabled' },
    { factor_type: 'webauthn', status: 422, code: 'mfa_webauthn_enroll_not_enabled' },
    { factor_type: 'pigeon', status: 400, code: 'validation_failed' },
  ])('of type $factor_type is refused in words of the client', async ({ factor_type, status, code }) => {
    const answer = await send(t, person, 'POST', '/auth/v1/factors', { factor_type });
    expect([answer.status, answer.body]).toMatchObject([status, { error_code: code }]);
  });

  test('is nothing for a personal access token', async () => {
    const { auth, factor } = await protectedPerson();
    const access = (await auth.getSession()).data.session?.access_token;
    const signed = { ...person, headers: { authorization: `Bearer ${access}` } };
    const made = await send(t, signed, 'POST', '/trpc/tokens.create', { name: 'ci' });
    const token = /sbp_[0-9a-f]{40}/.exec(JSON.stringify(made.body))?.[0];
    const byToken = { ...person, headers: { authorization: `Bearer ${token}` } };
    for (const [method, path, body] of [
      ['POST', '/auth/v1/factors', { factor_type: 'totp' }],
      ['POST', `/auth/v1/factors/${factor.id}/challenge`, undefined],
      ['POST', `/auth/v1/factors/${factor.id}/verify`, { challenge_id: 'x', code: '000000' }],
      ['DELETE', `/auth/v1/factors/${factor.id}`, undefined],
    ] as const) {
      expect((await send(t, byToken, method, path, body)).status, path).toBe(403);
    }
  });

  test('is kept sealed, and in no log or answer but the first', async () => {
    const { auth, factor } = await protectedPerson();
    await verify(await signedIn(), factor, '000000');
    const { rows } = await t.client.execute({ sql: 'select secret from mfa_factors where id = ?', args: [factor.id] });
    expect(String(rows[0]?.secret)).toMatch(/^v1\.test\./);
    const told = JSON.stringify([rows, t.logged, await auth.getUser(), await auth.mfa.listFactors()]);
    expect(told).not.toContain(factor.secret);
  });

  test('that was lost is taken away by an operator, who ends the sessions as well', async () => {
    const { auth } = await protectedPerson();
    const operator = await createPerson(t, { isOperator: true });
    expect((await send(t, operator, 'POST', '/trpc/users.resetMfa', { id: person.accountId })).status).toBe(200);
    expect((await profile(auth)).status).toBe(401);
    expect((await profile(await signedIn())).status).toBe(200);
    expect(await actions()).toEqual(['mfa.enrol', 'mfa.verify', 'mfa.reset']);
    expect((await send(t, operator, 'POST', '/trpc/users.resetMfa', { id: person.accountId })).status).toBe(409);
  });

  test('costs two round trips to verify', async () => {
    const { factor } = await protectedPerson();
    const auth = await signedIn();
    const { data } = await auth.mfa.challenge({ factorId: factor.id });
    t.roundTrips.reset();
    const code = codeOf(factor.secret);
    expect((await auth.mfa.verify({ factorId: factor.id, challengeId: data?.id ?? '', code })).error).toBeNull();
    expect(t.roundTrips.count).toBe(2);
  });
});
