import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithDocker, logsOf, requiredEngine, stateOf } from '../docker/engine.ts';
import { imageFor } from '../images/scratch.ts';
import { buildOverlayImages, repository } from './build-images.ts';
import { createOverlayStack, type OverlayStack } from './overlay-stack.ts';

describeWithDocker("the overlay beside upstream's docker folder", () => {
  const engine = requiredEngine();
  let directory: string;
  let stack: OverlayStack;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'supafleet-overlay-'));
    const images = await buildOverlayImages(engine, directory);
    stack = await createOverlayStack(engine, { ...images, gateway: imageFor(engine, 'caddy') }, directory);
  });

  afterAll(async () => {
    try {
      await stack?.remove();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  const container = async (service: string) =>
    (await stack.compose(['ps', '--all', '--quiet', `supafleet-${service}`])).trim();
  const ask = (path: string, init: RequestInit = {}) => fetch(`${stack.url}${path}`, { redirect: 'manual', ...init });
  const signIn = async () => {
    const { SUPAFLEET_ADMIN_EMAIL: email, SUPAFLEET_ADMIN_PASSWORD: password } = stack.settings;
    const response = await ask('/auth/v1/token?grant_type=password', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    return { status: response.status, body: await response.json() };
  };

  test.each([
    'SUPAFLEET_PUBLIC_URL',
    'SUPAFLEET_STUDIO_IMAGE',
    'SUPAFLEET_JWT_KEYS',
    'SUPAFLEET_KEKS',
    'SUPAFLEET_DATABASE_TOKEN',
    'SUPAFLEET_DATABASE_PUBLIC_KEY',
  ])('says that %s is missing before anything starts', async (name) => {
    await expect(stack.compose(['up', '--wait'], { [name]: '' })).rejects.toThrow(
      new RegExp(`required variable ${name} is missing`),
    );
    expect(await stack.compose(['ps', '--all', '--quiet'])).toBe('');
  });

  test('does not start on a placeholder, and names it without its value', async () => {
    const other = { SUPAFLEET_KEKS: 'change-me', SUPAFLEET_ADMIN_PASSWORD: 'your-super-secret-password' };
    await expect(stack.compose(['up', '--wait'], other)).rejects.toThrow(/supafleet-check.*exit 1/);
    const said = await logsOf(engine, await container('check'));
    expect(said).toContain('KEKS still has its placeholder');
    expect(said).toContain('ADMIN_PASSWORD still has its placeholder');
    expect(said).not.toMatch(/change-me|your-super/);
    for (const service of ['worker', 'sqld', 'studio', 'gateway']) {
      expect((await stateOf(engine, await container(service))).status, service).toBe('created');
    }
  });

  test('comes up beside what runs there, with one command', async () => {
    await stack.compose(['up', '--wait', '--wait-timeout', '90']);
    const running = (await stack.compose(['ps', '--services', '--status', 'running'])).split('\n');
    expect(running).toEqual(
      expect.arrayContaining([
        ...['worker', 'sqld', 'agent', 'studio', 'gateway'].map((name) => `supafleet-${name}`),
        ...['studio', 'api-gw', 'auth', 'rest', 'db'],
      ]),
    );
    expect((await stateOf(engine, await container('worker'))).health).toBe('healthy');
  });

  test('serves the control plane and Studio under one origin', async () => {
    const health = await ask('/health');
    expect([health.status, await health.json()]).toMatchObject([200, { status: 'ok', database: 'ok' }]);
    for (const path of ['/platform/profile', '/api/platform/profile', '/v1/projects', '/api/v1/projects']) {
      const refused = await ask(path);
      expect([path, refused.status]).toEqual([path, 401]);
      expect(refused.headers.get('content-type'), path).toContain('json');
    }
    const root = await ask('/');
    expect([root.status, root.headers.get('location')]).toEqual([302, `${stack.url}/organizations`]);
    for (const path of ['/organizations', '/project/x', '/api/incident-status', '/v1x', '/tick']) {
      expect(await (await ask(path)).text()).toBe(`a stand-in for Studio at ${path}`);
    }
    // what Studio would wait for in vain at each sign-in
    expect(await (await ask('/api/incident-banner')).json()).toEqual({ incidents: [] });
  });

  test('the first account signs in and works, with its token too', async () => {
    const { status, body } = await signIn();
    expect(status).toBe(200);
    for (const token of [body.access_token, stack.settings.SUPAFLEET_ADMIN_ACCESS_TOKEN]) {
      const list = await ask('/api/platform/organizations', { headers: { authorization: `Bearer ${token}` } });
      expect(await list.json()).toMatchObject([{ name: 'Default Organization' }]);
    }
  });

  test('a worker that is stopped ends well, and the next one goes on with the same database', async () => {
    const worker = await container('worker');
    await stack.compose(['stop', 'supafleet-worker']);
    expect(await stateOf(engine, worker)).toMatchObject({ status: 'exited', exitCode: 0 });
    expect(await logsOf(engine, worker)).toContain('· stopped');
    // a database that was made anew has another address, and takes its time
    await stack.compose(['rm', '--stop', '--force', 'supafleet-sqld']);
    await stack.compose(['up', '--wait', '--wait-timeout', '60']);
    expect((await signIn()).status).toBe(200);
  });

  test('its secrets are in no log and no image', async () => {
    const {
      SUPAFLEET_KEKS: keks = '',
      SUPAFLEET_DATABASE_TOKEN: token = '',
      SUPAFLEET_ADMIN_PASSWORD: password = '',
    } = stack.settings;
    const logs = await stack.compose(['logs', '--no-color']);
    for (const secret of [keks, token, password]) expect(logs.includes(secret)).toBe(false);
  });

  test('for work on it, the worker follows new bundles', async () => {
    const dev = join(repository, 'deploy/compose/docker-compose.supafleet.dev.yml');
    const config = JSON.parse(
      await stack.compose(['-f', dev, 'config', '--format', 'json'], { SUPAFLEET_SOURCE_DIR: repository }),
    );
    expect(config.services['supafleet-worker'].develop.watch).toMatchObject([
      { action: 'sync+restart', path: join(repository, 'dist/worker'), target: '/opt/supafleet-worker' },
      { action: 'rebuild', path: join(repository, 'dist/worker/package.json') },
    ]);
  });
});
