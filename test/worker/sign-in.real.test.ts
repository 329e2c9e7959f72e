import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client/web';
import { GoTrueClient } from '@supabase/auth-js';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleWorkers } from '../../launcher/bundle.ts';
import type { ServiceDefinition } from '../../launcher/service.ts';
import { hasherService, workerService } from '../../launcher/workerd.ts';
import { generateSigningKey } from '../../worker/auth/session-tokens.ts';
import { migrationSql } from '../support/global-setup.ts';
import { type Issuer, startIssuer } from '../support/oidc-issuer.ts';
import { freePort, type Sqld, startSqld } from '../support/sqld.ts';
import { until } from '../support/until.ts';

describe('signing in on the runtime that npm start uses', () => {
  let directory: string;
  let sqld: Sqld;
  let issuer: Issuer;
  let url: string;
  const ends: (() => void)[] = [];

  function run({ command, args, environment, cwd }: ServiceDefinition): void {
    const child = spawn(command, args, { env: environment, cwd, stdio: 'ignore' });
    ends.push(() => child.kill('SIGKILL'));
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'supafleet-sign-in-'));
    [sqld] = await Promise.all([startSqld(), bundleWorkers(directory)]);
    const client = createClient({ url: sqld.url });
    await client.executeMultiple(await migrationSql());
    client.close();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    issuer = await startIssuer(`${url}/auth/v1/callback`);
    const { clientId, clientSecret } = issuer;
    const [hasherSocket, logFile] = [join(directory, 'hasher.sock'), join(directory, 'worker.log')];
    run(await hasherService({ buildDir: directory, hasherSocket, logFile }));
    run(
      await workerService({
        buildDir: directory,
        address: `127.0.0.1:${port}`,
        hasherSocket,
        databaseAddress: new URL(sqld.url).host,
        logFile,
        variables: {
          PUBLIC_URL: url,
          DATABASE_URL: sqld.url,
          JWT_KEYS: JSON.stringify([await generateSigningKey('test')]),
          KEKS: `test:${randomBytes(32).toString('base64url')}`,
          AUTH_PROVIDERS: JSON.stringify([
            { name: 'house', kind: 'oidc', issuer: issuer.url, clientId, clientSecret, signUp: true },
          ]),
        },
      }),
    );
    const answers = async () => (await fetch(`${url}/health`).catch(() => null))?.ok === true;
    await until(answers, { what: 'the worker to answer', timeoutMs: 20_000 });
  });

  afterAll(async () => {
    for (const end of ends) end();
    await issuer?.stop();
    await sqld?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test('by an issuer inside the network, then with a second factor', async () => {
    const login = randomUUID();
    issuer.accounts.set(login, { login, email: `${login}@example.com`, email_verified: true });
    const left = await fetch(`${url}/auth/v1/authorize?provider=house`, { redirect: 'manual' });
    const back = await issuer.signIn(left.headers.get('location') ?? '', login);
    const arrived = await fetch(back, { redirect: 'manual' });
    const told = new URLSearchParams(new URL(arrived.headers.get('location') ?? '').hash.slice(1));
    const auth = new GoTrueClient({ url: `${url}/auth/v1`, autoRefreshToken: false, persistSession: false });
    const session = {
      access_token: told.get('access_token') ?? '',
      refresh_token: told.get('refresh_token') ?? '',
    };
    expect((await auth.setSession(session)).error).toBeNull();

    const { data: factor } = await auth.mfa.enroll({ factorType: 'totp', friendlyName: 'phone' });
    expect(factor?.totp.qr_code).toContain('<svg');
    const code = new TOTP({ secret: factor?.totp.secret ?? '' }).generate();
    expect((await auth.mfa.challengeAndVerify({ factorId: factor?.id ?? '', code })).error).toBeNull();
    expect((await auth.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({ currentLevel: 'aal2' });
    const token = (await auth.getSession()).data.session?.access_token;
    const profile = await fetch(`${url}/platform/profile`, { headers: { authorization: `Bearer ${token}` } });
    expect(profile.status).toBe(200);
    // the client's secret is nowhere in what the launcher writes
    expect(await readFile(join(directory, 'worker.capnp'), 'utf8')).not.toContain(issuer.clientSecret);
  });
});
