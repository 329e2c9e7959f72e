import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { findProcesses } from '../agent/process-table.ts';
import type { DevFile } from '../launcher/dev-file.ts';
import { compatibilityDate } from '../launcher/workerd.ts';
import type { Installation } from '../test/support/installation.ts';
import { freePort } from '../test/support/sqld.ts';
import { until } from '../test/support/until.ts';
import { signIn } from './sign-ins.ts';
import type { Row } from './table.ts';

const warmUp = 500;
const requests = 4_000;

/** Microseconds of CPU in workerd for authenticated reads, and for a bare Hono route in the same build of workerd. */
export async function measureCpu(dev: DevFile, installation: Installation): Promise<Row[]> {
  const project = String(dev.project);
  const worker = await workerProcess(installation);
  const headers = { authorization: `Bearer ${await signIn(dev)}` };
  const paths = ['/platform/organizations', '/platform/profile/permissions', `/platform/projects/${project}`];
  const reads: { path: string; cpu: number }[] = [];
  for (const path of paths) reads.push({ path, cpu: await cpuOf(worker, `${dev.url}${path}`, headers) });
  const bare = await bareWorker(installation);
  try {
    const yardstick = await cpuOf(bare.pid, `${bare.url}/bare`, {});
    return [
      { what: 'CPU: bare Hono route', value: `${yardstick.toFixed(0)} µs`, goal: '' },
      ...reads.map(({ path, cpu }) => ({
        what: `CPU: GET ${path.replace(project, '{ref}')} / bare`,
        value: `${(cpu / yardstick).toFixed(1)}  (${cpu.toFixed(0)} µs)`,
        goal: '<= 8',
      })),
    ];
  } finally {
    await bare.stop();
  }
}

async function cpuOf(pid: number, url: string, headers: Record<string, string>): Promise<number> {
  await load(url, headers, warmUp);
  const before = await cpuTicks(pid);
  await load(url, headers, requests);
  const ticks = (await cpuTicks(pid)) - before;
  // the kernel counts in hundredths of a second
  return (ticks * 10_000) / requests;
}

async function load(url: string, headers: Record<string, string>, count: number): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const response = await fetch(url, { headers });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
}

async function cpuTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

async function workerProcess(installation: Installation): Promise<number> {
  const found = await findProcesses(
    ({ environment, executable }) =>
      environment.get('SUPAFLEET_START') === installation.dataDir &&
      environment.has('JWT_KEYS') &&
      executable?.endsWith('workerd') === true,
  );
  const [worker] = found;
  if (worker === undefined) throw new Error('the worker of this installation was not found');
  return worker.pid;
}

async function bareWorker(installation: Installation): Promise<{ pid: number; url: string; stop(): Promise<void> }> {
  const directory = join(installation.dataDir, 'build');
  await build({
    entryPoints: { bare: join(import.meta.dirname, 'bare-worker.ts') },
    outdir: directory,
    bundle: true,
    format: 'esm',
    minify: true,
    logLevel: 'silent',
  });
  const port = await freePort();
  const config = join(directory, 'bare.capnp');
  await writeFile(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "bare", worker = .bare)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "bare")],
);
const bare :Workerd.Worker = (
  modules = [(name = "bare.js", esModule = embed "bare.js")],
  compatibilityDate = "${compatibilityDate}",
);
`,
  );
  const packageFile = createRequire(import.meta.url).resolve('@cloudflare/workerd-linux-64/package.json');
  const child = spawn(join(dirname(packageFile), 'bin/workerd'), ['serve', config], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  await until(
    () =>
      fetch(`${url}/bare`)
        .then((response) => response.ok)
        .catch(() => false),
    { what: 'the bare worker' },
  );
  if (child.pid === undefined) throw new Error('workerd did not start');
  return {
    pid: child.pid,
    url,
    async stop() {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}
