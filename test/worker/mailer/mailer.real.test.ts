import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client/web';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { selfSignedCertificate } from '../../../agent/front-door/self-signed-certificate.ts';
import { bundleWorkers } from '../../../launcher/bundle.ts';
import { hasherService, workerService } from '../../../launcher/workerd.ts';
import { generateSigningKey } from '../../../worker/auth/session-tokens.ts';
import { migrationSql } from '../../support/global-setup.ts';
import { type MailServer, startMailServer, startOddServer } from '../../support/mail-server.ts';
import { freePort, type Sqld, startSqld } from '../../support/sqld.ts';
import { until } from '../../support/until.ts';

type Security = 'none' | 'starttls' | 'tls';

const password = 'correct horse battery';
const credentials = { user: 'fleet', password: 'pässword with spaces' };
const hour = 3_600_000;
const now = Date.now();
const certificate = selfSignedCertificate(['localhost'], { from: now - hour, to: now + 24 * hour });
const stranger = selfSignedCertificate(['localhost'], { from: now - hour, to: now + 24 * hour });

describe('the mailer on the real runtime, as npm start configures it', () => {
  let directory: string;
  let sqld: Sqld;
  const ending: (() => Promise<unknown>)[] = [];
  const endingLast: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'supafleet-mailer-'));
    [sqld] = await Promise.all([startSqld(), bundleWorkers(directory)]);
    const client = createClient({ url: sqld.url });
    await client.executeMultiple(await migrationSql());
    client.close();
    const hasherSocket = join(directory, 'hasher.sock');
    endingLast.push(
      await running(await hasherService({ buildDir: directory, hasherSocket, logFile: '' }), () => undefined),
    );
  });

  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });

  afterAll(async () => {
    for (const end of endingLast) await end();
    await sqld?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** The worker with that mail server; what it logs so far is `log()`. */
  async function controlPlane(mail: { port: number; security: Security; password?: string; trusts?: string | null }) {
    const port = await freePort();
    let log = '';
    const definition = await workerService({
      buildDir: directory,
      address: `127.0.0.1:${port}`,
      hasherSocket: join(directory, 'hasher.sock'),
      databaseAddress: new URL(sqld.url).host,
      logFile: '',
      mail: {
        certificates: mail.trusts === undefined ? certificate.cert : mail.trusts,
        variables: {
          SMTP_HOST: 'localhost',
          SMTP_PORT: String(mail.port),
          SMTP_SECURITY: mail.security,
          SMTP_USER: credentials.user,
          SMTP_PASS: mail.password ?? credentials.password,
          MAIL_FROM: 'Unsere Flöße <fleet@supafleet.test>',
        },
      },
      variables: {
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        DATABASE_URL: sqld.url,
        JWT_KEYS: JSON.stringify([await generateSigningKey('test')]),
        KEKS: `test:${randomBytes(32).toString('base64url')}`,
        CORS_ORIGINS: 'http://studio.test',
        STUDIO_URL: 'http://studio.test/dashboard',
        SIGNUPS: 'open',
        CLIENT_ADDRESS_HEADER: 'x-test-client',
      },
    });
    ending.push(
      await running(definition, (text) => {
        log += text;
      }),
    );
    const url = `http://127.0.0.1:${port}`;
    await until(
      () =>
        fetch(`${url}/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
      {
        what: 'the worker to answer',
        timeoutMs: 20_000,
      },
    );
    const post = async (path: string, body: unknown) => {
      const response = await fetch(url + path, {
        method: 'POST',
        // each from somewhere else: how many one address may cause has tests of its own
        headers: { 'content-type': 'application/json', 'x-test-client': randomUUID() },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    };
    const signUp = async () => {
      const email = `${randomUUID()}@example.com`;
      const { status } = await post('/auth/v1/signup', { email, password });
      return { email, status };
    };
    return { url, post, signUp, log: () => log };
  }

  async function mailServer(security: Security, options: Partial<Parameters<typeof startMailServer>[0]> = {}) {
    const server = await startMailServer({ security, certificate, credentials, ...options });
    ending.push(server.stop);
    return server;
  }

  const mailTo = async (server: MailServer, email: string) => {
    const found = () => server.received.find((mail) => JSON.stringify(mail.to).includes(email));
    await until(() => found() !== undefined, { what: `a mail to ${email}` });
    return found();
  };

  test.each(['none', 'starttls', 'tls'] as const)('signs somebody up by mail, with security %s', async (security) => {
    const server = await mailServer(security);
    const { post, signUp, log } = await controlPlane({ port: server.port, security });
    const { email, status } = await signUp();
    expect(status).toBe(200);
    const mail = await mailTo(server, email);
    expect(server.secured).toEqual([security !== 'none']);
    expect(mail?.from?.value).toEqual([{ address: 'fleet@supafleet.test', name: 'Unsere Flöße' }]);
    expect(mail?.subject).toBe('Confirm your account');
    expect(mail?.messageId).toMatch(/^<[0-9a-f-]{36}@supafleet\.test>$/);
    expect(Math.abs(Number(mail?.date) - Date.now())).toBeLessThan(60_000);
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');

    const link = /http:\S+\/auth\/v1\/verify\S+/.exec(mail?.text ?? '')?.[0] ?? 'no:link';
    expect(String(mail?.html)).toContain(link.replaceAll('&', '&amp;'));
    const code = /^Code: (\d{6})$/m.exec(mail?.text ?? '')?.[1];
    const verified = await post('/auth/v1/verify', { type: 'signup', email, token: code });
    expect(verified).toMatchObject({ status: 200, body: { user: { email } } });
    const followed = await fetch(link, { redirect: 'manual' });
    expect(followed.headers.get('location')).toMatch(/^http:\/\/studio\.test\/dashboard#error=access_denied/);
    expect(log()).not.toContain('a mail was not sent');
  });

  test('sends many at once, each on a connection of its own', async () => {
    const server = await mailServer('starttls');
    const { signUp } = await controlPlane({ port: server.port, security: 'starttls' });
    const people = await Promise.all(Array.from({ length: 10 }, signUp));
    for (const { email } of people) await mailTo(server, email);
    expect(server.received).toHaveLength(10);
  });

  test.each([
    {
      what: 'offers no STARTTLS',
      settings: { security: 'starttls' as const },
      server: () => mailServer('none'),
      reason: 'offers no STARTTLS',
    },
    {
      what: 'has a certificate of nobody we know',
      settings: { security: 'tls' as const, trusts: null },
      server: () => mailServer('tls', { certificate: stranger }),
      reason: 'no connection to localhost',
    },
    {
      what: 'changes to a certificate of nobody we know',
      settings: { security: 'starttls' as const, trusts: null },
      server: () => mailServer('starttls', { certificate: stranger }),
      reason: '(starttls)',
    },
    {
      what: 'does not know the password',
      settings: { security: 'starttls' as const, password: 'another' },
      server: () => mailServer('starttls'),
      reason: 'answered 535 to AUTH',
    },
    {
      what: 'hangs up after a word',
      settings: { security: 'none' as const },
      server: async () => odd('421 too busy\r\n'),
      reason: 'answered 421 to the connection: too busy',
    },
    {
      what: 'hangs up at once',
      settings: { security: 'none' as const },
      server: async () => odd(''),
      reason: 'closed the connection',
    },
    {
      what: 'is none',
      settings: { security: 'none' as const },
      server: async () => odd('HTTP/1.1 400 Bad Request\r\n\r\n'),
      reason: 'this is no mail server',
    },
    {
      what: 'is not there',
      settings: { security: 'starttls' as const },
      server: async () => ({ port: await freePort(), received: [] }),
      reason: 'no connection to localhost',
    },
  ])('says in the log that a mail server $what, and answers as ever', async ({ settings, server, reason }) => {
    const started = await server();
    const { signUp, post, log, url } = await controlPlane({ port: started.port, ...settings });
    const { email, status } = await signUp();
    expect(status).toBe(200);
    await until(async () => log().includes('a mail was not sent'), {
      what: 'the failure in the log',
      timeoutMs: 10_000,
    });
    const line = log()
      .split('\n')
      .find((text) => text.includes('a mail was not sent'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      level: 'error',
      to: email,
      reason: expect.stringContaining(reason),
    });
    expect(log()).not.toMatch(/\/verify|pässword|another/);
    if ('received' in started) expect(started.received).toEqual([]);
    // the one that waits for nothing is answered, whatever the mail server does
    expect((await post('/auth/v1/recover', { email })).status).toBe(200);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  async function odd(says: string | null) {
    const server = await startOddServer(says);
    ending.push(server.stop);
    return server;
  }

  test('a mail server that never speaks holds up nobody', async () => {
    const { port } = await odd(null);
    const { signUp } = await controlPlane({ port, security: 'none' });
    const started = performance.now();
    expect((await signUp()).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

/** Runs a service of the launcher's; the answer ends it. */
async function running(
  definition: { command: string; args: string[]; environment: Record<string, string>; cwd: string },
  onText: (text: string) => void,
): Promise<() => Promise<void>> {
  const child: ChildProcess = spawn(definition.command, definition.args, {
    cwd: definition.cwd,
    env: definition.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onText);
  await once(child, 'spawn');
  return async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
}
