import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../client/index.ts';
import { callOk } from '../../launcher/api.ts';
import { createInstallation, type Installation } from '../support/installation.ts';
import { killInstallation, servicesOf } from '../support/installation-processes.ts';
import { freePort } from '../support/sqld.ts';
import { until } from '../support/until.ts';

/** Ten first starts are for the long run; it says so where they are left out. */
const isLong = process.env.SUPAFLEET_FULL === undefined;
const why = isLong ? ' (skipped: part of .ci/run --full)' : '';

let installation: Installation;

beforeAll(async () => {
  installation = await createInstallation();
});
afterAll(() => installation.remove());

/** True once the start that runs now has printed it. */
const printed = (text: string) => () => installation.output().includes(text) && installation.isRunning();
const isThere = (path: string) => () =>
  stat(join(installation.dataDir, path)).then(
    () => true,
    () => false,
  );
const holds = (path: string) => () =>
  readdir(join(installation.dataDir, path)).then(
    (names) => names.length > 0,
    () => false,
  );
const hostFileHas = (pattern: RegExp) => () =>
  readFile(join(installation.dataDir, 'host/host.json'), 'utf8').then(
    (text) => pattern.test(text),
    () => false,
  );

/** In the order in which a first start gets there. */
const steps: [string, () => boolean | Promise<boolean>][] = [
  ['its secrets are kept', isThere('secrets.json')],
  ['the database is there', isThere('database/dbs')],
  ['the tables are there', printed('✓ database')],
  ['the worker answers', printed('✓ worker')],
  ['the first account is there', printed('✓ account')],
  ["the host's key is kept", isThere('host/host.json')],
  ['the host is enrolled', hostFileHas(/"hostId": "/)],
  ['the agent is up', printed('✓ agent')],
  ['the template is being made', holds('host/templates')],
  ["the project's files are being made", holds('host/projects')],
];

test.skipIf(isLong)(
  `a first start that is killed at any of its steps is resumed, and nothing is made twice${why}`,
  async () => {
    for (const [what, isReached] of steps) {
      // the kill before came late and cut off this step as well
      if (await isReached()) continue;
      const start = installation.start().then(
        () => 'ready',
        (error: unknown) => String(error),
      );
      await until(isReached, { what: `the moment when ${what}`, timeoutMs: 30_000, everyMs: 5 });
      await killInstallation(installation.dataDir);
      expect(await start, what).toMatch(/ended with SIGKILL/);
    }
    const dev = await installation.start();
    const supafleet = createClient({ url: dev.url, token: dev.access_token });
    expect((await supafleet.hosts.list.query()).items).toHaveLength(1);
    const { projects } = (await callOk(`${dev.url}/platform/projects`, { token: dev.access_token })) as {
      projects: unknown[];
    };
    expect(projects).toEqual([expect.objectContaining({ ref: dev.project, status: 'ACTIVE_HEALTHY' })]);
  },
);

test.skipIf(isLong)(`a start on another port takes the projects along${why}`, async () => {
  await installation.stop();
  const port = await freePort();
  const dev = await installation.start({ PORT: String(port) });
  expect(dev.url).toBe(`http://localhost:${port}`);
  const project = await callOk(`${dev.url}/platform/projects/${dev.project}`, { token: dev.access_token });
  expect(project).toMatchObject({ status: 'ACTIVE_HEALTHY' });
});

test.skipIf(isLong)(`a start whose output nobody reads any more ends in order${why}`, async () => {
  await installation.stop();
  const start = installation.start().then(
    () => 'ready',
    (error: unknown) => String(error),
  );
  await until(printed('✓ database'), { what: 'the first step' });
  installation.child().stdout?.destroy();
  expect(await start).toMatch(/ended with 0/);
  expect(await servicesOf(installation.dataDir)).toEqual([]);
});
