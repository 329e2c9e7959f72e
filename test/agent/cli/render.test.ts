import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Machine } from '../../../agent/cli/machine.ts';
import { placeholders } from '../../../agent/cli/placeholders.ts';
import { renderCommand } from '../../../agent/cli/render.ts';
import { type LiveSpec, stackSecrets } from '../../../schema/stack-spec.ts';
import { makeSpec } from '../runtime/embedded/support.ts';

const machine: Machine = {
  node: process.execPath,
  program: '/opt/supafleet/agent/main.js',
  user: 'root',
  isRoot: true,
  temporary: tmpdir(),
  agentVersion: '0.0.0',
  env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
};
const { signal } = new AbortController();

let directory = '';
let spec: LiveSpec;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sf-render-'));
  spec = { ...(await makeSpec('abcdefghijklmnopqrst', 20_000)), profile: 'full' };
  await writeFile(join(directory, 'spec.json'), JSON.stringify(spec));
});
afterEach(() => rm(directory, { recursive: true }));

const out = () => join(directory, 'out');
const write = (options: { showSecrets?: boolean; out?: string } = {}) =>
  renderCommand(
    { spec: join(directory, 'spec.json'), out: out(), dataDir: join(directory, 'host'), ...options },
    { machine, signal },
  );

async function allText(): Promise<string> {
  const names = await readdir(out(), { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  return (await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')))).join('\n');
}

function secretsOf({ secrets }: LiveSpec): string[] {
  const { services, signingKey, apiKeys, ...own } = secrets;
  const tokens = [secrets.anonKey, secrets.serviceRoleKey].flatMap((token) => token.split('.'));
  return [...Object.values(own), ...Object.values(services), signingKey.d, ...apiKeys.map(({ key }) => key), ...tokens];
}

test('the directory is the one that would run, and holds no secret', async () => {
  const { text } = await write();
  expect(text).toContain('--show-secrets');
  expect(await readdir(out())).toEqual(expect.arrayContaining(['.env', 'compose.yaml', 'functions']));
  expect((await stat(join(out(), '.env'))).mode & 0o777).toBe(0o600);
  const written = await allText();
  expect(secretsOf(spec).filter((secret) => written.includes(secret))).toEqual([]);
});

test('secrets are in it when they are asked for, in no file but .env', async () => {
  await write({ showSecrets: true });
  expect(await readFile(join(out(), '.env'), 'utf8')).toContain(spec.secrets.services.realtimeEncryptionKey);
  expect(await readFile(join(out(), 'compose.yaml'), 'utf8')).not.toContain(spec.secrets.dbPassword);
});

test('placeholders have the length and shape that services need, whatever the secrets were', () => {
  const made = placeholders(spec.secrets);
  expect(stackSecrets.safeParse(made).success).toBe(true);
  expect(made.dbPassword).toHaveLength(spec.secrets.dbPassword.length);
  expect(made.anonKey.split('.').map(({ length }) => length)).toEqual(
    spec.secrets.anonKey.split('.').map(({ length }) => length),
  );
  expect(made.apiKeys[0]?.key).toMatch(/^sb_(publishable|secret)_x+$/);
});

test('it may be written again over itself, and over nothing else', async () => {
  await write();
  await write();
  const foreign = join(directory, 'foreign');
  await mkdir(foreign);
  await writeFile(join(foreign, 'thesis.md'), 'the only copy');
  await expect(write({ out: foreign })).rejects.toThrow('not empty');
  expect(await readdir(foreign)).toEqual(['thesis.md']);
  await writeFile(join(out(), 'applied.json'), '{}');
  await expect(write()).rejects.toThrow('that an agent runs');
});

test.each<[string, string]>([
  ['{"ref":"abcdefghijklmnopqrst","generation":1,"power":"removed"}', 'removed'],
  ['{"power":"running","secrets":{"dbPassword":"hunter2hunter2"}}', 'is no stack spec'],
  ['dbPassword: hunter2hunter2', 'not JSON'],
])('a spec that is none is refused without quoting it: %s', async (text, reason) => {
  await writeFile(join(directory, 'spec.json'), text);
  const failure = await write().catch((error: unknown) => String(error));
  expect(failure).toContain(reason);
  expect(failure).not.toContain('hunter2');
});
