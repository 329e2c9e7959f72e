import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, callOk } from '../../launcher/api.ts';
import type { DevFile } from '../../launcher/dev-file.ts';
import { isTaken } from '../../launcher/free-port.ts';
import { createInstallation, type Installation } from '../support/installation.ts';
import { killInstallation, servicesOf } from '../support/installation-processes.ts';
import { until } from '../support/until.ts';

describe('npm start', () => {
  let installation: Installation;
  let dev: DevFile;

  beforeAll(async () => {
    installation = await createInstallation({ DEFAULT_PROJECT_NAME: 'First "project" $(id) 🚀' });
    dev = await installation.start();
  });

  afterAll(() => installation.remove());

  test('writes what a client needs, for its owner only', async () => {
    expect((await stat(`${installation.dataDir}/dev.json`)).mode & 0o777).toBe(0o600);
    expect(dev).toEqual({
      url: installation.url,
      auth_url: `${installation.url}/auth/v1`,
      email: 'admin@supafleet.local',
      password: expect.stringMatching(/^.{16,}$/),
      access_token: expect.stringMatching(/^sbp_[0-9a-f]{40}$/),
      organization: expect.stringMatching(/^[a-z0-9-]+$/),
      project: expect.stringMatching(/^[a-z]{20}$/),
      host: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const project = await callOk(`${dev.url}/platform/projects/${dev.project}`, { token: dev.access_token });
    expect(project).toMatchObject({ name: 'First "project" $(id) 🚀', status: 'ACTIVE_HEALTHY' });
  });

  test('a second one on the same directory, and one on a taken port, end with a clear message and exit 1', async () => {
    const sameDirectory = await createInstallation({ DATA_DIR: installation.dataDir });
    await expect(sameDirectory.start()).rejects.toThrow(/ended with 1:[\s\S]*Another npm start runs on/);
    await sameDirectory.remove();
    const samePort = await createInstallation({ PORT: String(installation.port) });
    await expect(samePort.start()).rejects.toThrow(/ended with 1:[\s\S]*Port \d+ is in use/);
    await samePort.remove();
  });

  test('Ctrl-C stops everything within 10 s; the next start has the same accounts, projects and rows', async () => {
    await query(dev, 'create table public.kept (id int); insert into kept values (1)');
    const stopped = await installation.stop();
    expect(stopped.code).toBe(0);
    expect(stopped.tookMs).toBeLessThan(10_000);
    expect(await servicesOf(installation.dataDir)).toEqual([]);
    expect(await installation.start()).toEqual(dev);
    expect(await query(dev, 'select id from kept')).toEqual([{ id: 1 }]);
  });

  test('kill -9 of the whole tree loses nothing acknowledged and leaves no process or port', async () => {
    await query(dev, 'insert into kept values (2)');
    await killInstallation(installation.dataDir);
    await until(async () => !(await isTaken('127.0.0.1', installation.port)), { what: 'the port to be free' });
    expect(await installation.start()).toEqual(dev);
    expect(await query(dev, 'select id from kept order by id')).toEqual([{ id: 1 }, { id: 2 }]);
    await installation.stop();
    expect(await servicesOf(installation.dataDir)).toEqual([]);
  });

  test('a default project that was deleted is not made again', async () => {
    await installation.start();
    const project = `${dev.url}/platform/projects/${dev.project}`;
    await callOk(project, { method: 'DELETE', token: dev.access_token });
    await until(async () => (await call(project, { token: dev.access_token })).status === 404, {
      what: 'the project to be gone',
      timeoutMs: 20_000,
    });
    for (const _ of ['the next start', 'and the one after']) {
      await installation.stop();
      expect(await installation.start()).toEqual({ ...dev, project: null });
    }
    const list = await callOk(`${dev.url}/platform/projects`, { token: dev.access_token });
    expect(list).toMatchObject({ projects: [] });
  });
});

async function query(dev: DevFile, sql: string): Promise<unknown> {
  return callOk(`${dev.url}/platform/pg-meta/${dev.project}/query`, {
    method: 'POST',
    token: dev.access_token,
    body: { query: sql },
  });
}
