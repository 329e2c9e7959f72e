import { GoTrueClient, type Session } from '@supabase/auth-js';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSignedCertificate } from '../../agent/front-door/self-signed-certificate.ts';
import type { DevFile } from '../../launcher/dev-file.ts';
import { createInstallation, type Installation } from '../support/installation.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { until } from '../support/until.ts';

const studio = 'http://studio.test:8082';
const certificate = selfSignedCertificate(['localhost'], { from: Date.now(), to: Date.now() + 3_600_000 });
const password = 'correct horse battery staple';

/** Somebody in a browser: Studio's own auth client, and its requests. */
class Someone {
  readonly auth: GoTrueClient;
  readonly email: string;
  readonly #url: string;

  constructor(url: string, email: string) {
    this.email = email;
    this.#url = url;
    this.auth = new GoTrueClient({
      url: `${url}/auth/v1`,
      autoRefreshToken: false,
      detectSessionInUrl: false,
      storage: memory(),
    });
  }

  async session(): Promise<Session> {
    const { data } = await this.auth.getSession();
    if (data.session === null) throw new Error(`${this.email} is not signed in`);
    return data.session;
  }

  async ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const { data } = await this.auth.getSession();
    const response = await fetch(`${this.#url}/api/platform${path}`, {
      method,
      headers: {
        origin: studio,
        'content-type': 'application/json',
        version: '2',
        ...(data.session !== null && { authorization: `Bearer ${data.session.access_token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }
}

describe('two people and their organization', () => {
  let mail: MailServer;
  let installation: Installation;
  let dev: DevFile;
  let ada: Someone;
  let kim: Someone;
  let slug: string;

  beforeAll(async () => {
    mail = await startMailServer({ security: 'none', certificate, credentials: null });
    installation = await createInstallation({
      SIGNUPS: 'open',
      STUDIO_URL: studio,
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(mail.port),
      SMTP_SECURITY: 'none',
      MAIL_FROM: 'Fleet <fleet@example.com>',
    });
    dev = await installation.start();
    ada = new Someone(dev.url, 'ada@example.com');
    kim = new Someone(dev.url, 'kim@example.com');
  });
  afterAll(async () => {
    await installation?.remove();
    await mail?.stop();
  });

  /** The newest mail to somebody that has such a link, once it is there. */
  const linkTo = async (email: string, part: string): Promise<string> => {
    let link: string | undefined;
    await until(
      () => {
        const texts = mail.received
          .filter(({ to }) => JSON.stringify(to).includes(email))
          .map(({ text }) => text ?? '');
        link = texts
          .flatMap((text) => text.match(/https?:\/\/\S+/g) ?? [])
          .filter((url) => url.includes(part))
          .at(-1);
        return link !== undefined;
      },
      { what: `a mail to ${email} with a link to ${part}` },
    );
    return link ?? '';
  };
  const signUp = async (who: Someone) => {
    const body = { email: who.email, password, hcaptchaToken: null, redirectTo: `${studio}/sign-in` };
    expect(await who.ask('POST', '/signup', body)).toMatchObject({ status: 201 });
    const early = await who.auth.signInWithPassword({ email: who.email, password });
    expect(early.error?.code).toBe('email_not_confirmed');
    const confirmed = await fetch(await linkTo(who.email, '/auth/v1/verify'), { redirect: 'manual' });
    expect([confirmed.status, confirmed.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(`^${studio}/sign-in#access_token=`),
    ]);
    expect((await who.auth.signInWithPassword({ email: who.email, password })).error).toBeNull();
  };

  test('sign up, and confirm their addresses by mail', async () => {
    await signUp(ada);
    await signUp(kim);
    expect(await ada.ask('GET', '/profile')).toMatchObject({ status: 200, body: { primary_email: ada.email } });
  });

  test('one enrols a second factor, without which the account is closed from then on', async () => {
    const enrolled = await ada.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'phone' });
    expect(enrolled.error).toBeNull();
    if (enrolled.data?.type !== 'totp') throw new Error('no TOTP factor was made');
    const totp = new TOTP({ secret: enrolled.data.totp.secret });
    const { id: factorId } = enrolled.data;
    expect((await ada.auth.mfa.challengeAndVerify({ factorId, code: totp.generate() })).error).toBeNull();
    expect((await ada.auth.mfa.getAuthenticatorAssuranceLevel()).data?.currentLevel).toBe('aal2');

    const elsewhere = new Someone(dev.url, ada.email);
    expect((await elsewhere.auth.signInWithPassword({ email: ada.email, password })).error).toBeNull();
    expect(await elsewhere.ask('GET', '/organizations')).toMatchObject({
      status: 403,
      body: { code: 'insufficient_aal' },
    });
  });

  test('makes an organization, and invites the other as a developer', async () => {
    const made = await ada.ask('POST', '/organizations', { name: 'Ada and Kim', kind: 'PERSONAL', tier: 'tier_free' });
    expect(made.status).toBe(201);
    ({ slug } = made.body as { slug: string });
    const invitation = { email: kim.email, role_id: 3 };
    expect((await ada.ask('POST', `/organizations/${slug}/members/invitations`, invitation)).status).toBe(201);
    expect(await kim.ask('GET', `/organizations/${slug}`)).toMatchObject({ status: 404 });
  });

  test('the other accepts by the link of the mail, and it works once', async () => {
    const link = new URL(await linkTo(kim.email, '/join'));
    expect([link.origin, link.pathname, link.searchParams.get('slug')]).toEqual([studio, '/join', slug]);
    const path = `/organizations/${slug}/members/invitations/${link.searchParams.get('token')}`;
    expect(await kim.ask('GET', path)).toMatchObject({
      status: 200,
      body: { email_match: true, expired_token: false, organization_name: 'Ada and Kim', token_does_not_exist: false },
    });
    expect((await kim.ask('POST', path)).status).toBe(201);
    expect((await kim.ask('POST', path)).status).toBeGreaterThanOrEqual(400);
    expect(await kim.ask('GET', '/organizations')).toMatchObject({ body: [{ slug, is_owner: false }] });
  });

  test('a developer is refused what the role forbids, also where Studio would not offer it', async () => {
    const refused = [
      ['PATCH', `/organizations/${slug}`, { name: 'Kim alone' }],
      ['DELETE', `/organizations/${slug}`, undefined],
      ['POST', `/organizations/${slug}/members/invitations`, { email: 'third@example.com', role_id: 4 }],
      ['PATCH', `/organizations/${slug}/members/mfa/enforcement`, { enforced: true }],
      ['GET', `/organizations/${slug}/audit?${period()}`, undefined],
      ['POST', '/projects', { organization_slug: slug, name: 'mine', cloud_provider: 'AWS' }],
    ] as const;
    for (const [method, path, body] of refused) {
      expect([path, (await kim.ask(method, path, body)).status]).toEqual([path, 403]);
    }
  });

  test('an organization that wants second factors shuts out who has none', async () => {
    const path = `/organizations/${slug}/members/mfa/enforcement`;
    expect(await ada.ask('PATCH', path, { enforced: true })).toMatchObject({ body: { enforced: true } });
    expect(await kim.ask('GET', `/organizations/${slug}/projects`)).toMatchObject({ status: 403 });
    expect(await ada.ask('PATCH', path, { enforced: false })).toMatchObject({ body: { enforced: false } });
    expect((await kim.ask('GET', `/organizations/${slug}/projects`)).status).toBe(200);
  });

  test('the other leaves, and everything of it is in the audit log', async () => {
    const { user } = await kim.session();
    expect((await kim.ask('DELETE', `/organizations/${slug}/members/${user.id}`)).status).toBe(200);
    expect(await kim.ask('GET', '/organizations')).toMatchObject({ status: 200, body: [] });
    const { body } = await ada.ask('GET', `/organizations/${slug}/audit?${period()}`);
    const told = JSON.stringify(body);
    for (const what of ['organization.create', 'invitation', 'member', 'access.refused']) expect(told).toContain(what);
  });

  test('a forgotten password is set anew by the code of a mail, and ends the sessions that were open', async () => {
    const before = await kim.session();
    const body = { email: kim.email, hcaptchaToken: null, redirectTo: `${studio}/reset-password` };
    expect((await kim.ask('POST', '/reset-password', body)).status).toBe(201);
    await linkTo(kim.email, 'type=recovery');
    const code = mail.received.at(-1)?.text?.match(/\b\d{6}\b/)?.[0] ?? '';
    const fresh = new Someone(dev.url, kim.email);
    expect((await fresh.auth.verifyOtp({ email: kim.email, token: code, type: 'recovery' })).error).toBeNull();
    expect((await fresh.auth.updateUser({ password: `${password} anew` })).error).toBeNull();
    const old = await fetch(`${dev.url}/platform/profile`, {
      headers: { authorization: `Bearer ${before.access_token}` },
    });
    expect(old.status).toBe(401);
    expect((await fresh.ask('GET', '/profile')).status).toBe(200);
  });
});

function period(): string {
  const now = Date.now();
  const iso = (time: number) => new Date(time).toISOString();
  return `iso_timestamp_start=${iso(now - 3_600_000)}&iso_timestamp_end=${iso(now + 60_000)}`;
}

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
}
