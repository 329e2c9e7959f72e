import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { until } from '../support/until.ts';
import { type DockerEngine, engineAt } from './engine.ts';

const exec = promisify(execFile);

export type OwnEngine = {
  engine: DockerEngine;
  /** dockerd dies without a word; its containers run on until it is back */
  kill(): Promise<void>;
  /** starts it again over the same data */
  start(): Promise<void>;
  /** ends all of it: containers, dockerd, its directory */
  remove(): Promise<void>;
};

type OwnEngineOptions = {
  /** whose images it gets, and which */
  from: DockerEngine;
  images: string[];
  /** CIDR; all networks of the test lie in it */
  addressPool: string;
  /** containers run on while it is away, and it takes them over again; engines do not unless they are told to */
  liveRestore?: boolean;
};

/** Whether this machine lets a test start an engine: as root, with dockerd, iptables and iproute2. */
export async function mayStartEngine(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  return exec('sh', ['-c', 'command -v dockerd && command -v iptables && command -v ip']).then(
    () => true,
    () => false,
  );
}

/**
 * An engine that a test may kill: own directory, socket and default bridge (one without any would delete the bridge of
 * the engine beside it), and no hand in the machine's packet filter, where it would take other engines' rules away; one
 * rule lets the networks of its pool through.
 */
export async function startOwnEngine({
  from,
  images,
  addressPool,
  liveRestore = false,
}: OwnEngineOptions): Promise<OwnEngine> {
  const home = await mkdtemp('/tmp/supafleet-own-engine-');
  const name = home.slice(-6).toLowerCase();
  const bridge = `own-${name}`;
  const socketPath = join(home, 'docker.sock');
  const engine = engineAt({
    ...from,
    socketPath,
    environment: { ...from.environment, DOCKER_HOST: `unix://${socketPath}` },
  });
  const rule = ['FORWARD', '--source', addressPool, '--destination', addressPool, '--jump', 'ACCEPT'];
  let dockerd: ChildProcess | null = null;

  async function start(): Promise<void> {
    // a killed one leaves the file of its containerd, whose process id may be another's by now
    await endContainerd(home);
    const log = await open(join(home, 'dockerd.log'), 'a');
    dockerd = spawn('dockerd', [...dockerdArguments(home, name, bridge), ...(liveRestore ? ['--live-restore'] : [])], {
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    await log.close();
    const isUp = () =>
      engine.run(['version'], 5_000).then(
        () => true,
        () => false,
      );
    await until(isUp, { what: 'dockerd of the test', timeoutMs: 60_000, everyMs: 200 });
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = dockerd;
    if (running === null) return;
    dockerd = null;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  }

  async function remove(): Promise<void> {
    if (dockerd === null) await start();
    const containers = (await engine.run(['container', 'ls', '--all', '--quiet'])).split('\n').filter(Boolean);
    if (containers.length > 0) await engine.run(['container', 'rm', '--force', '--volumes', ...containers]);
    const networks = (await engine.run(['network', 'ls', '--quiet', '--filter', 'type=custom']))
      .split('\n')
      .filter(Boolean);
    if (networks.length > 0) await engine.run(['network', 'rm', ...networks]);
    await kill('SIGTERM');
    await exec('iptables', ['--wait', '--delete', ...rule]);
    await exec('ip', ['link', 'delete', bridge]);
    await unmountBelow(home);
    await rm(home, { recursive: true, force: true });
  }

  await mkdir(join(home, 'exec'), { recursive: true });
  await exec('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await exec('iptables', ['--wait', '--insert', ...rule]);
  await start();
  try {
    await copyImages(from, engine, images);
  } catch (error) {
    await remove();
    throw error;
  }
  return { engine, kill: () => kill(), start, remove };
}

function dockerdArguments(home: string, name: string, bridge: string): string[] {
  return [
    ...['--data-root', join(home, 'data'), '--exec-root', join(home, 'exec'), '--pidfile', join(home, 'docker.pid')],
    ...['--host', `unix://${join(home, 'docker.sock')}`, '--bridge', bridge, '--iptables=false', '--ip6tables=false'],
    ...['--containerd-namespace', `own-${name}`, '--containerd-plugins-namespace', `own-plugins-${name}`],
  ];
}

/** Its containerd outlives a killed dockerd, and the next one would take it for its own by a file alone. */
async function endContainerd(home: string): Promise<void> {
  const file = join(home, 'exec/containerd/containerd.pid');
  const pid = Number(await readFile(file, 'utf8').catch(() => ''));
  await rm(file, { force: true });
  await rm(join(home, 'docker.pid'), { force: true });
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (pid > 0 && command.includes(home)) process.kill(pid, 'SIGKILL');
}

async function copyImages(from: DockerEngine, to: DockerEngine, images: string[]): Promise<void> {
  const save = spawn('docker', ['image', 'save', ...images], {
    env: from.environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const load = spawn('docker', ['image', 'load'], { env: to.environment, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = [save, load].map((child) => new Promise((resolve) => child.once('close', resolve)));
  await pipeline(save.stdout, load.stdin);
  const [saved, loaded] = await Promise.all(ended);
  if (saved !== 0 || loaded !== 0) throw new Error(`images could not be copied (save ${saved}, load ${loaded})`);
}

async function unmountBelow(home: string): Promise<void> {
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((path) => path.startsWith(`${home}/`)).reverse())
    await exec('umount', ['--lazy', mount]);
}
