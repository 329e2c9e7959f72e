import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DevFile } from '../../launcher/dev-file.ts';
import { freePort } from './sqld.ts';
import { until } from './until.ts';

export type Installation = {
  dataDir: string;
  port: number;
  url: string;
  /** what the running start printed so far */
  output(): string;
  /** whether a start was begun that has not ended */
  isRunning(): boolean;
  /** `npm start`, awaited until it is ready; rejects when it ends before */
  start(environment?: Record<string, string>): Promise<DevFile>;
  /** as Ctrl-C does; resolves to the exit code and how long it took */
  stop(): Promise<{ code: number | null; tookMs: number }>;
  /** the launcher's process, for those who want to kill it */
  child(): ChildProcess;
  remove(): Promise<void>;
};

const root = join(import.meta.dirname, '../..');

/** A data directory and a port of its own for the whole of `npm start`. */
export async function createInstallation(environment: Record<string, string> = {}): Promise<Installation> {
  const dataDir = await mkdtemp(join(tmpdir(), 'supafleet-start-'));
  // as root, projects would go where nobody removes them if the user that runs Postgres could not get in here
  await chmod(dataDir, 0o711);
  const port = await freePort();
  let child: ChildProcess | undefined;
  let output = '';
  const running = () => {
    if (child === undefined) throw new Error('this installation was not started');
    return child;
  };
  const installation: Installation = {
    dataDir,
    port,
    url: `http://localhost:${port}`,
    output: () => output,
    isRunning: () => child !== undefined && child.exitCode === null && child.signalCode === null,
    async start(changes = {}) {
      output = '';
      child = spawn(process.execPath, [join(root, 'launcher/bootstrap.mjs'), 'start'], {
        cwd: root,
        env: { ...process.env, DATA_DIR: dataDir, PORT: String(port), ...environment, ...changes },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const collect = (chunk: Buffer) => {
        output += chunk.toString('utf8');
      };
      child.stdout?.on('data', collect);
      child.stderr?.on('data', collect);
      let how: string | null = null;
      child.once('exit', (code, signal) => {
        how = String(signal ?? code);
      });
      await until(() => output.includes('supafleet is ready') || how !== null, {
        what: 'npm start to be ready',
        // containers are a machine's work, not only a process's
        timeoutMs: environment.RUNTIME === 'compose' ? 170_000 : 90_000,
      }).catch((cause: unknown) => {
        throw new Error(`npm start did not get ready; it printed:\n${output}`, { cause });
      });
      if (how !== null) throw new Error(`npm start ended with ${how}:\n${output}`);
      const dev: DevFile = JSON.parse(await readFile(join(dataDir, 'dev.json'), 'utf8'));
      return dev;
    },
    async stop() {
      const started = performance.now();
      const exited = once(running(), 'exit');
      if (running().exitCode === null) {
        running().kill('SIGINT');
        await exited;
      }
      return { code: running().exitCode, tookMs: performance.now() - started };
    },
    child: running,
    async remove() {
      if (installation.isRunning()) await installation.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return installation;
}
