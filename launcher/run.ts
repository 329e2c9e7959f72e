import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const tool = (name: string) => join(root, 'node_modules/.bin', name);
const node = process.execPath;
const [command = 'start', ...rest] = process.argv.slice(2);

// tools that start `node` by name get the pinned one as well
const path = [dirname(node), process.env.PATH ?? ''].join(delimiter);

const check = [
  [node, tool('biome'), 'check', '--error-on-warnings', '.'],
  [node, tool('tsc'), '-p', '.'],
  [node, tool('knip')],
];

/** What each npm script is, as commands run one after the other by the pinned Node; the first failure ends it. */
const scripts: Record<string, string[][]> = {
  test: [[node, tool('vitest'), 'run', ...rest]],
  check,
  verify: [...check, [node, tool('vitest'), 'run', '--project', 'unit', '--project', 'contract', ...rest]],
  bench: [[node, join(root, 'bench/main.ts'), ...rest]],
  build: [
    [node, join(root, 'launcher/build.ts'), ...rest],
    [node, join(root, 'launcher/build-worker.ts')],
  ],
  'build:worker': [[node, join(root, 'launcher/build-worker.ts'), ...rest]],
  supafleet: [[node, join(root, 'cli/main.ts'), ...rest]],
  images: [[node, join(root, 'test/images/build.ts'), ...rest]],
  'db:generate': [[node, tool('drizzle-kit'), 'generate', ...rest]],
  'deploy:mailer': [[node, tool('wrangler'), 'deploy', '--config', 'worker/mailer/wrangler.toml', ...rest]],
  deploy: [
    [node, tool('wrangler'), 'deploy', '--config', 'worker/hasher/wrangler.toml', ...rest],
    [node, tool('wrangler'), 'deploy', ...rest],
  ],
};

if (command === 'start') {
  await import('./main.ts');
} else {
  runScript(scripts[command]);
}

function runScript(commands: string[][] | undefined): void {
  if (commands === undefined) {
    process.stderr.write(`There is no script "${command}". Known: start, ${Object.keys(scripts).join(', ')}.\n`);
    process.exit(2);
  }
  for (const [program = node, ...args] of commands) {
    const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } });
    if (result.status !== 0) process.exit(result.status ?? 1);
  }
}
