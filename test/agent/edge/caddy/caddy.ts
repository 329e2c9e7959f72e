import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { CaddyConfig } from '../../../../agent/edge/caddy/caddy-config.ts';
import { createEdgeAdmin, type EdgeAdmin } from '../../../../agent/edge/caddy/edge-admin.ts';
import type { EdgeOptions } from '../../../../agent/edge/caddy/edge-options.ts';
import type { EdgeProject } from '../../../../agent/edge/caddy/edge-project.ts';
import { renderEdge } from '../../../../agent/edge/caddy/render-edge.ts';
import type { EdgeSettings } from '../../../../agent/settings.ts';
import { until } from '../../../support/until.ts';

/** Caddy 2.7 or newer, from the variable CADDY or the PATH; null, and a line that says so, where there is none. */
export const caddyPath: string | null = findCaddy();

export type RunningCaddy = {
  admin: EdgeAdmin;
  directory: string;
  options: EdgeOptions;
  /** renders and loads */
  serve(projects: readonly EdgeProject[], change?: Partial<EdgeOptions>): Promise<CaddyConfig>;
  /** everything it wrote so far */
  logs(): Promise<string>;
  /** ends it as given and starts it again on what it kept */
  restart(signal: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
};

/** Starts a Caddy of its own, with an admin socket and nothing to serve. */
export async function startCaddy(edge: EdgeSettings, projectHost = 'projects.test'): Promise<RunningCaddy> {
  const directory = await mkdtemp(join(tmpdir(), 'edge-'));
  const options: EdgeOptions = {
    edge,
    projectHost,
    adminSocket: join(directory, 'admin.sock'),
    storage: join(directory, 'data'),
  };
  const admin = createEdgeAdmin({ socketPath: options.adminSocket });
  const log = join(directory, 'log');
  let child = await run();

  async function run(): Promise<ChildProcess> {
    if (caddyPath === null) throw new Error('there is no Caddy');
    const started = spawn(caddyPath, ['run', '--resume'], {
      cwd: directory,
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        XDG_CONFIG_HOME: join(directory, 'config'),
        XDG_DATA_HOME: join(directory, 'data'),
        CADDY_ADMIN: `unix/${options.adminSocket}|0600`,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const output = createWriteStream(log, { flags: 'a' });
    started.stderr?.pipe(output);
    await until(
      () =>
        admin.read(AbortSignal.timeout(1_000)).then(
          () => true,
          () => false,
        ),
      { what: 'Caddy to answer' },
    );
    return started;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'close');
    child.kill(signal);
    await gone;
  }

  return {
    admin,
    directory,
    options,
    async serve(projects, change = {}) {
      const config = renderEdge(projects, { ...options, ...change });
      await admin.load(config, AbortSignal.timeout(20_000));
      return config;
    },
    logs: () => readFile(log, 'utf8'),
    async restart(signal) {
      await end(signal);
      child = await run();
    },
    async stop() {
      await end('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function findCaddy(): string | null {
  const candidates = [
    ...(process.env.CADDY ? [process.env.CADDY] : []),
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'caddy')),
  ];
  for (const candidate of candidates) {
    const version = isExecutable(candidate) ? versionOf(candidate) : null;
    if (version !== null && (version.major > 2 || (version.major === 2 && version.minor >= 7))) return candidate;
  }
  process.stderr.write('skipped: no Caddy 2.7 or newer, neither as CADDY nor in the PATH\n');
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run
  }
}

function versionOf(path: string): { major: number; minor: number } | null {
  const match = /^v?(\d+)\.(\d+)/.exec(execFileSync(path, ['version'], { encoding: 'utf8' }));
  return match === null ? null : { major: Number(match[1]), minor: Number(match[2]) };
}
