import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseImageMap } from '../../../agent/stack/image-map.ts';
import { render } from '../../../agent/stack/render.ts';
import type { RenderedStack } from '../../../agent/stack/rendered-stack.ts';
import type { LiveSpec } from '../../../schema/stack-spec.ts';
import { newSecrets } from '../../../worker/projects/new-secrets.ts';
import { runningSpec } from '../../support/specs.ts';
import { stackHost } from './stack-fixture.ts';

const mapFile = process.env.IMAGE_MAP ?? join(import.meta.dirname, '../../../.data/images.json');
const dockerSocket = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace(/^unix:\/\//, '');
const missing = whatIsMissing();

describe.skipIf(missing !== null)('a rendered directory, without the agent', () => {
  const directory = mkdtempSync(join(tmpdir(), 'supafleet-up-'));
  let spec: LiveSpec;
  let stack: RenderedStack;

  beforeAll(async () => {
    const ref = Array.from(randomBytes(20), (byte) => String.fromCharCode(97 + (byte % 26))).join('');
    const random = { bytes: (size: number) => new Uint8Array(randomBytes(size)), uuid: randomUUID };
    // a password that every quoting on its way could break
    const own = await newSecrets({ ref, dbPassword: `it's $PATH "x" \\ é#{y}%41` }, random, Date.now());
    const apiKeys = [{ name: 'default', type: 'secret' as const, key: 'sb_secret_of_this_test' }];
    spec = runningSpec('a', { ref, profile: 'full', secrets: { ...own, apiKeys } });
    stack = write(spec);
    compose('up', '--detach', '--wait', '--wait-timeout', '120');
  }, 180_000);

  afterAll(() => {
    compose('down', '--volumes', '--remove-orphans', '--timeout', '5');
    rmSync(directory, { recursive: true, force: true });
  }, 120_000);

  it('comes up healthy, every service of it', () => {
    const states = compose('ps', '--all', '--format', '{{.Service}} {{.Health}}').trim().split('\n').sort();
    expect(states).toEqual(stack.services.map(({ name }) => `${name} healthy`).sort());
  });

  it.each(['postgres', 'authenticator'])('lets %s in with the password users know, from the host', async (user) => {
    const client = new Client({ host: addressOf('db'), user, password: spec.secrets.dbPassword, database: 'postgres' });
    await client.connect();
    try {
      expect((await client.query('select current_user::text as me')).rows).toEqual([{ me: user }]);
    } finally {
      await client.end();
    }
  });

  it('keeps the superuser out of the hands of who knows that password', async () => {
    const options = { host: addressOf('db'), user: 'supabase_admin', database: 'postgres' };
    await expect(new Client({ ...options, password: spec.secrets.dbPassword }).connect()).rejects.toThrow(/password/);
  });

  it.each(['anonKey', 'anonKeyAsymmetric', 'serviceRoleKey', 'serviceRoleKeyAsymmetric'] as const)(
    'accepts the token %s at the data API',
    async (key) => {
      const headers = { authorization: `Bearer ${spec.secrets[key]}` };
      expect((await fetch(`http://${addressOf('rest')}:3000/`, { headers })).status).toBe(200);
    },
  );

  it('serves a function that was put into its directory', async () => {
    mkdirSync(join(directory, 'functions/hello'));
    writeFileSync(join(directory, 'functions/hello/index.ts'), 'Deno.serve(() => new Response("from the function"));');
    const response = await fetch(`http://${addressOf('functions')}:9000/hello`);
    expect(await response.text()).toBe('from the function');
  });

  it('publishes no port and has no capability to open the network', () => {
    for (const { Ports, Cap } of inspected()) {
      expect(Ports).toEqual({});
      expect(Cap).toEqual(expect.arrayContaining([expect.stringMatching(/ALL|NET_RAW/)]));
    }
  });

  it('is made anew by Compose exactly where the hashes say so, and a password touches no database', () => {
    const before = containers();
    const other = write({ ...spec, secrets: { ...spec.secrets, dbPassword: 'another' } });
    compose('up', '--no-start');
    const after = containers();
    const remade = stack.services.map(({ name }) => name).filter((name) => before[name] !== after[name]);
    const hashed = stack.services.filter(({ hash }, index) => hash !== other.services[index]?.hash);
    expect(remade).toEqual(hashed.map(({ name }) => name));
    expect(remade).not.toContain('db');
  });

  function write(written: LiveSpec): RenderedStack {
    const images = parseImageMap(readFileSync(mapFile, 'utf8'));
    const rendered = render(
      written,
      stackHost({ hostId: 'test-of-up', addressPool: '10.197.64.0/18', images, dockerSocket }),
    );
    for (const { path, content, mode } of rendered.files) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content, { mode });
    }
    return rendered;
  }

  function compose(...words: string[]): string {
    return docker(['compose', ...words], directory);
  }

  function containers(): Record<string, string> {
    const lines = compose('ps', '--all', '--format', '{{.Service}} {{.ID}}').trim().split('\n');
    return Object.fromEntries(lines.map((line) => line.split(' ')));
  }

  function inspected(): { Ports: unknown; Cap: string[] }[] {
    const format = '{"Ports":{{json .HostConfig.PortBindings}},"Cap":{{json .HostConfig.CapDrop}}}';
    const lines = docker(['inspect', '--format', format, ...Object.values(containers())], directory)
      .trim()
      .split('\n');
    return lines.map((line) => JSON.parse(line));
  }

  function addressOf(service: string): string {
    return stack.services.find(({ name }) => name === service)?.address ?? '';
  }
});

function whatIsMissing(): string | null {
  if (!existsSync(mapFile)) return 'no stand-in images: run `npm run images`';
  try {
    docker(['version'], tmpdir());
    return null;
  } catch {
    return 'no Docker engine';
  }
}

function docker(words: string[], directory: string): string {
  const { PATH = '', HOME = '', DOCKER_HOST, DOCKER_CONFIG } = process.env;
  return execFileSync('docker', words, {
    cwd: directory,
    env: { PATH, HOME, ...(DOCKER_HOST && { DOCKER_HOST }), ...(DOCKER_CONFIG && { DOCKER_CONFIG }) },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
