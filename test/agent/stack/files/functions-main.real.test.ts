import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locatePackages } from '../../../../agent/runtime/embedded/packages.ts';
import { functionsMain } from '../../../../agent/stack/files/functions-main.ts';

const { deno } = await locatePackages();
const directory = mkdtempSync(join(tmpdir(), 'supafleet-functions-'));
const home = join(directory, 'functions');

const jwtSecret = 'a shared secret of 32 characters';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = {
  keys: [
    { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' },
    { kty: 'oct', k: Buffer.from(jwtSecret).toString('base64url'), alg: 'HS256' },
  ],
};

/** What edge-runtime provides, as far as the main service uses it: a worker that tells what it was given. */
const shim = `
const serve = Deno.serve;
Object.defineProperty(Deno, 'serve', { value: (handler) =>
  serve({ port: 0, hostname: '127.0.0.1', onListen: ({ port }) => console.log('port=' + port) }, handler) });
globalThis.EdgeRuntime = { userWorkers: { create: (options) => {
  if (options.servicePath.endsWith('/broken')) {
    throw Object.assign(new Error('no'), { name: 'InvalidWorkerCreation' });
  }
  return Promise.resolve({ fetch: async (request) => Response.json({
    path: options.servicePath, env: Object.fromEntries(options.envVars), url: request.url, body: await request.text(),
  }) });
} } };
await import('./functions/main/index.ts');
`;

type Running = { process: ChildProcess; url: string };
let open: Running;
let guarded: Running;

beforeAll(async () => {
  for (const name of ['main', 'hello', 'broken', '_shared']) mkdirSync(join(home, name), { recursive: true });
  mkdirSync(join(directory, 'outside'));
  for (const name of ['functions/hello', 'functions/broken', 'functions/_shared', 'outside']) {
    writeFileSync(join(directory, name, 'index.ts'), '');
  }
  writeFileSync(join(home, 'main/index.ts'), functionsMain.replaceAll('/home/deno/functions', home));
  writeFileSync(join(directory, 'shim.js'), shim);
  [open, guarded] = await Promise.all([start('false'), start('true')]);
});

afterAll(() => {
  open?.process.kill();
  guarded?.process.kill();
  rmSync(directory, { recursive: true, force: true });
});

describe('a call of a function', () => {
  it('reaches the worker of the directory its path names, with path, query and body', async () => {
    const response = await fetch(`${open.url}/hello/deep/er?a=1`, { method: 'POST', body: 'ping' });
    expect(await response.json()).toMatchObject({
      path: join(home, 'hello'),
      url: `${open.url}/hello/deep/er?a=1`,
      body: 'ping',
    });
  });

  it('shows the function its surroundings, and neither the signing secret nor the shared key', async () => {
    const text = await (await fetch(`${open.url}/hello`)).text();
    expect(JSON.parse(text).env).toMatchObject({ SUPABASE_URL: 'http://api-gw:8000' });
    expect(JSON.parse(text).env).not.toHaveProperty('JWT_SECRET');
    expect(text).not.toContain(jwtSecret);
    expect(text).not.toContain(Buffer.from(jwtSecret).toString('base64url'));
  });

  it.each(['/', '/unknown', '/main', '/_shared', '/..%2foutside', '/%2e%2e/outside', '/hello%00', '/.hidden'])(
    'for %s finds nothing',
    async (path) => {
      const response = await fetch(`${open.url}${path}`);
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({ code: 'NOT_FOUND', message: 'Requested function was not found' });
    },
  );

  it('of one that does not start says so, and nothing about the reason', async () => {
    const response = await fetch(`${open.url}/broken`);
    expect([response.status, (await response.json()).code]).toEqual([503, 'BOOT_ERROR']);
  });
});

describe('with verification on, a call', () => {
  const secret = new TextEncoder().encode(jwtSecret);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  // a public key that is taken for a shared secret would let everybody in
  const confused = new TextEncoder().encode(publicKey.export({ format: 'pem', type: 'spki' }).toString());

  it.each<[string, () => Promise<string | null>, number]>([
    ['with an ES256 token of the project passes', () => token('ES256', privateKey, 60), 200],
    ['with an HS256 token of the project passes', () => token('HS256', secret, 60), 200],
    ['without a token is refused', async () => null, 401],
    ['with an expired token is refused', () => token('ES256', privateKey, -60), 401],
    ['with a token of another key is refused', () => token('ES256', other, 60), 401],
    ['with a token signed by the public key is refused', () => token('HS256', confused, 60), 401],
    ['with an unsigned token is refused', async () => `${encoded({ alg: 'none' })}.${encoded({})}.`, 401],
    ['with an empty signature is refused', async () => `${encoded({ alg: 'HS256' })}.${encoded({})}.AA`, 401],
    ['with garbage is refused', async () => 'garbage', 401],
  ])('%s', async (_case, make, status) => {
    const made = await make();
    const headers: Record<string, string> = made === null ? {} : { authorization: `Bearer ${made}` };
    expect((await fetch(`${guarded.url}/hello`, { headers })).status).toBe(status);
  });

  it('of a browser that asks first passes', async () => {
    expect((await fetch(`${guarded.url}/hello`, { method: 'OPTIONS' })).status).toBe(200);
  });
});

function token(alg: string, key: KeyObject | Uint8Array, seconds: number): Promise<string> {
  const expires = Math.floor(Date.now() / 1000) + seconds;
  const header = alg === 'ES256' ? { alg, kid: 'one' } : { alg };
  return new SignJWT({ role: 'anon' }).setProtectedHeader(header).setExpirationTime(expires).sign(key);
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function start(verify: string): Promise<Running> {
  const child = spawn(deno, ['run', '--no-lock', '--allow-all', join(directory, 'shim.js')], {
    cwd: directory,
    env: {
      DENO_DIR: join(directory, `cache-${verify}`),
      DENO_NO_UPDATE_CHECK: '1',
      VERIFY_JWT: verify,
      JWT_SECRET: jwtSecret,
      SUPABASE_JWKS: JSON.stringify(jwks),
      SUPABASE_URL: 'http://api-gw:8000',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const port = /port=(\d+)/.exec(output)?.[1];
      if (port !== undefined) resolve({ process: child, url: `http://127.0.0.1:${port}` });
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`deno ended with ${code}`)));
  });
}
