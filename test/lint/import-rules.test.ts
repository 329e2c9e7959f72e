import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');

/** What a file may not import, and what it may: the other side of the same rule. */
const imports: { file: string; refused: string[]; allowed: string[] }[] = [
  {
    file: 'worker/platform/probe.ts',
    refused: [
      '../store/projects.ts',
      '../v1/project-wire.ts',
      '../admin/trpc.ts',
      '../agents/desired.ts',
      '../auth/session-tokens.ts',
      '../auth/to-wire-user.ts',
      '../project-gateway.ts',
      '../../agent/plan.ts',
      '../../schema/tables/projects.ts',
      '@libsql/client/web',
      'drizzle-orm',
      'drizzle-orm/sqlite-core',
      'node:fs/promises',
      'fs',
    ],
    allowed: ['./organizations.ts', '../projects/find.ts', '../http/wire/params.ts', '../../schema/roles.ts', 'zod'],
  },
  {
    file: 'worker/v1/probe.ts',
    refused: [
      '../platform/project-wire.ts',
      '../store/db.ts',
      '@trpc/server',
      '../../client/contract.ts',
      'node:crypto',
    ],
    allowed: ['../http/wire/params.ts', '../projects/create.ts', '@hono/zod-openapi'],
  },
  {
    file: 'worker/admin/probe.ts',
    refused: ['../platform/projects.ts', '../store/hosts.ts', '../../client/index.ts', '../../agent/deps.ts'],
    allowed: ['../../client/contract.ts', '@trpc/server', '../hosts/find-host.ts'],
  },
  { file: 'worker/agents/probe.ts', refused: ['../store/desired.ts', '../../agent/sign.ts'], allowed: ['jose'] },
  {
    file: 'worker/auth/probe.ts',
    refused: ['../store/sessions.ts', '../platform/profile.ts'],
    allowed: ['./token.ts'],
  },
  { file: 'worker/tick/route.ts', refused: ['../store/system.ts', '../agents/report.ts'], allowed: ['./tick.ts'] },
  {
    file: 'worker/projects/probe.ts',
    refused: [
      'hono',
      'hono/cors',
      '@hono/zod-openapi',
      '@trpc/server',
      'drizzle-orm',
      '@libsql/client/web',
      '../http/router.ts',
      '../platform/project-wire.ts',
      '../../agent/plan.ts',
      '../../schema/tables/projects.ts',
      'node:crypto',
    ],
    allowed: ['./find.ts', '../hosts/settings.ts', '../auth/digest.ts', '../policy.ts', 'zod'],
  },
  {
    file: 'worker/accounts/mfa/probe.ts',
    refused: ['hono', 'uqr', 'openid-client', '@libsql/client/web', '../../http/router.ts', '../../auth/factors.ts'],
    allowed: ['otpauth', '../ways-in.ts', '../../auth/digest.ts'],
  },
  {
    file: 'worker/identity/probe.ts',
    refused: ['../store/identities.ts', '../accounts/issue.ts', 'hono', 'node:crypto'],
    allowed: ['openid-client', '../deps.ts', 'zod'],
  },
  {
    file: 'worker/limits/probe.ts',
    refused: ['hono', 'drizzle-orm', '../platform/profile.ts'],
    allowed: ['./policies.ts', '../auth/digest.ts', 'zod'],
  },
  { file: 'worker/access/probe.ts', refused: ['hono', '../v1/health.ts'], allowed: ['../deps.ts'] },
  { file: 'worker/audit/probe.ts', refused: ['drizzle-orm', '../admin/audit.ts'], allowed: ['../policy.ts'] },
  { file: 'worker/tick/tick.ts', refused: ['hono', '../http/router.ts'], allowed: ['../deps.ts'] },
  {
    file: 'worker/store/probe.ts',
    refused: ['../projects/find.ts', '../http/router.ts', '@libsql/client/web', 'hono', 'zod', 'node:buffer'],
    allowed: ['./db.ts', '../../schema/tables/projects.ts', 'drizzle-orm', '../errors.ts'],
  },
  { file: 'worker/store/db.ts', refused: ['../deps.ts', 'node:fs'], allowed: ['@libsql/client/web'] },
  {
    file: 'worker/http/probe.ts',
    refused: ['../store/db.ts', '../projects/find.ts', '../routes.ts'],
    allowed: ['hono'],
  },
  {
    file: 'worker/http/wire/probe.ts',
    refused: ['../../platform/project-wire.ts', '../../store/projects.ts', 'drizzle-orm'],
    allowed: ['../../projects/regions.ts', '../sql-text.ts'],
  },
  { file: 'worker/probe.ts', refused: ['node:net', 'drizzle-orm', '../agent/plan.ts'], allowed: ['hono', 'jose'] },
  {
    file: 'worker/main.ts',
    refused: ['node:process', '../agent/plan.ts', '../launcher/api.ts'],
    allowed: ['./app.ts'],
  },
  { file: 'worker/hasher/app.ts', refused: ['node:crypto', '../store/db.ts', '../deps.ts'], allowed: ['./queue.ts'] },
  { file: 'worker/hasher/password-hash.ts', refused: ['node:fs', 'hono'], allowed: ['node:crypto'] },
  { file: 'worker/mail/probe.ts', refused: ['../store/db.ts', 'hono', '../http/cors.ts'], allowed: ['./letter.ts'] },
  { file: 'worker/mailer/probe.ts', refused: ['node:net', '../deps.ts', '../mail/letter.ts'], allowed: ['./smtp.ts'] },
  {
    file: 'worker/newcomer/probe.ts',
    refused: ['../store/db.ts', 'drizzle-orm', '../platform/x.ts'],
    allowed: ['./y.ts'],
  },
  {
    file: 'schema/probe.ts',
    refused: [
      'node:crypto',
      '../worker/errors.ts',
      '../agent/plan.ts',
      '../client/contract.ts',
      './tables/hosts.ts',
      'hono',
    ],
    allowed: ['zod', './ids.ts'],
  },
  {
    file: 'schema/tables/probe.ts',
    refused: ['../../worker/deps.ts', 'zod'],
    allowed: ['drizzle-orm/sqlite-core', '../ids.ts'],
  },
  {
    file: 'client/probe.ts',
    refused: ['../worker/admin/router.ts', '../agent/system.ts', 'node:fs', 'zod'],
    allowed: ['../schema/roles.ts', '@trpc/client', './session.ts'],
  },
  {
    file: 'cli/projects/probe.ts',
    refused: ['../../agent/system.ts', '../../worker/errors.ts', '../../launcher/api.ts', '@trpc/client'],
    allowed: ['../../client/contract.ts', '../cli.ts', 'node:fs/promises', 'commander'],
  },
  {
    file: 'launcher/probe.ts',
    refused: ['../worker/main.ts', '../worker/store/db.ts', '../cli/run.ts', '../test/support/app.ts', 'hono'],
    allowed: [
      '../worker/auth/session-tokens.ts',
      '../worker/env.ts',
      '../agent/keys.ts',
      '../client/index.ts',
      'node:fs/promises',
    ],
  },
  { file: 'launcher/probe.mjs', refused: ['picocolors', './api.ts'], allowed: ['node:fs/promises', './install.mjs'] },
  {
    file: 'agent/runtime/embedded/probe.ts',
    refused: [
      '../../../worker/errors.ts',
      '../../../launcher/api.ts',
      '../../../schema/tables/hosts.ts',
      'hono',
      'drizzle-orm',
    ],
    allowed: ['../../deps.ts', '../../../schema/stack-spec.ts', 'node:fs/promises', 'pg'],
  },
  {
    file: 'agent/probe.ts',
    refused: ['../worker/vault.ts', '../cli/run.ts', '../client/index.ts'],
    allowed: ['./cli/run.ts'],
  },
  {
    file: 'agent/cli/probe.ts',
    refused: ['../../worker/vault.ts', '../../cli/run.ts'],
    allowed: ['../config.ts', 'commander'],
  },
  {
    file: 'agent/plan.ts',
    refused: ['node:crypto', './runtime/embedded/postgres.ts', './system.ts', '../worker/errors.ts', 'zod'],
    allowed: ['./backoff.ts', './deps.ts', '../schema/stack-spec.ts'],
  },
  { file: 'agent/report.ts', refused: ['node:fs', './reporter.ts', './edge/gateway.ts'], allowed: ['./plan.ts'] },
  { file: 'agent/backoff.ts', refused: ['node:timers', './loop.ts'], allowed: ['./deps.ts'] },
  { file: 'agent/sequence.ts', refused: ['node:fs', './write-whole.ts'], allowed: ['../schema/agent-protocol.ts'] },
  {
    file: 'agent/spec-hash.ts',
    refused: ['node:fs', './deps.ts'],
    allowed: ['node:crypto', '../schema/stack-spec.ts'],
  },
  {
    file: 'agent/converge/probe.ts',
    refused: ['pg', '../runtime/embedded/postgres.ts', '../deps.ts', 'node:fs', '../../worker/errors.ts'],
    allowed: ['./roles.ts', './auth/auth.ts', '../runtime-failure.ts'],
  },
  {
    file: 'agent/edge/probe.ts',
    refused: ['../runtime/embedded/host.ts', '../../worker/errors.ts'],
    allowed: ['node:http'],
  },
];

const ambient = [
  'export const at = Date.now();',
  'export const now = Date.now;',
  'export const since = () => performance.now();',
  'export const date = new Date();',
  'export const chance = Math.random();',
  'export const id = crypto.randomUUID();',
  'export const bytes = crypto.getRandomValues(new Uint8Array(4));',
  'export const home = process.env.HOME;',
  "import { createHash, randomBytes } from 'node:crypto';",
];
const passedIn = 'export const time = (clock: { now(): number }) => new Date(clock.now()).toISOString();';
const storeTypes = "import type { ProjectRow } from '../store/projects.ts';";
const storeValues = [
  "import { createStores } from '../store/stores.ts';",
  "export { change } from '../store/change.ts';",
  "export const late = () => import('../store/stores.ts');",
];

let folder: string;
/** the lines Biome objects to, by file */
let found: Map<string, Set<number>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lint-'));
  for (const name of ['biome.json', '.gitignore', 'lint']) {
    await cp(join(root, name), join(folder, name), { recursive: true });
  }
  for (const { file, refused, allowed } of imports) await write(file, [...refused, ...allowed].map(importing));
  for (const file of ['worker/store/clock.ts', 'worker/admin/clock.ts', 'agent/clock.ts', 'cli/other.ts']) {
    await write(file, [...ambient, passedIn]);
  }
  await write('agent/system.ts', ambient);
  await write('worker/projects/stores.ts', [...storeValues, storeTypes]);
  found = await lint();
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(imports)('$file imports what its folder may, and nothing else', ({ file, refused, allowed }) => {
  const lines = [...refused, ...allowed];
  const objected = [...(found.get(file) ?? [])].map((line) => lines[line - 1]);
  expect(objected.sort()).toEqual([...refused].sort());
});

test.each(['worker/store/clock.ts', 'worker/admin/clock.ts', 'agent/clock.ts', 'cli/other.ts'])(
  '%s takes clock, ids, chance and environment as arguments',
  (file) => {
    expect([...(found.get(file) ?? [])].sort()).toEqual(ambient.map((_, index) => index + 1));
  },
);

test('the adapters named in the configuration make them', () => {
  expect(found.get('agent/system.ts')).toBeUndefined();
});

test('use cases take types from the store, never its functions', () => {
  expect(found.get('worker/projects/stores.ts')).toEqual(new Set([1, 2, 3]));
});

function importing(source: string, index: number): string {
  return `import { name${index} } from '${source}';`;
}

async function write(file: string, lines: string[]): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), `${lines.join('\n')}\n`);
}

/** Only import rules and our plugins count: probes are no good code otherwise. */
async function lint(): Promise<Map<string, Set<number>>> {
  const args = [biome, 'lint', '--max-diagnostics=none', '--reporter=github', '.'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 1 << 24 }).catch(
    (error: unknown) => {
      if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string')
        return { stdout: error.stdout };
      throw error;
    },
  );
  const lines = new Map<string, Set<number>>();
  const pattern =
    /^::\w+ title=(?:lint\/style\/(?:noRestrictedImports|useNodejsImportProtocol)|plugin),file=([^,]+),line=(\d+)/gm;
  for (const [, path = '', line] of stdout.matchAll(pattern)) {
    const file = path.slice(path.indexOf(folder) === 0 ? folder.length + 1 : 0);
    lines.set(file, (lines.get(file) ?? new Set()).add(Number(line)));
  }
  return lines;
}
