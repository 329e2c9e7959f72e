import { hostname } from 'node:os';
import { join as joinPath } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { exitCodes } from '../agent/cli/exit-codes.ts';
import { join } from '../agent/enrol.ts';
import { type HostRecord, readHostFile, writeHostFile } from '../agent/host-file.ts';
import { createHostKey } from '../agent/keys.ts';
import type { AgentSettings } from '../agent/settings.ts';
import { createClient } from '../client/index.ts';
import { bundleAgent } from './bundle.ts';
import { StartFailure } from './failure.ts';
import { readIfThere } from './files.ts';
import type { FirstAccount } from './first-account.ts';
import { type DockerWishes, prepareSettings } from './host-settings.ts';
import { choosePortRange, holdPortRange, type PortRange } from './port-range.ts';
import type { Service, ServiceDefinition } from './service.ts';
import { version } from './version.ts';

export type RunningAgent = {
  hostId: string;
  frontDoorPort: number | null;
  relocated: string | null;
  /** aborted when the control plane wants it no more */
  givenUp: AbortSignal;
};

const ready = z.object({
  kind: z.literal('ready'),
  frontDoorPort: z.number().nullable(),
  relocated: z.string().nullable(),
});

/** Enrols this machine at the first start, then runs its agent; resolves once it is ready to take up work. */
export async function startAgent(options: {
  url: string;
  account: FirstAccount;
  dataDir: string;
  /** for what is bundled */
  buildDir: string;
  runtime: AgentSettings['runtime'];
  docker: DockerWishes;
  /** null: one that is free */
  portRange: PortRange | null;
  logs: string;
  run(definition: ServiceDefinition): Service;
  progress(detail: string): void;
  now(): number;
  signal: AbortSignal;
}): Promise<RunningAgent> {
  const directory = joinPath(options.dataDir, 'host');
  const host = await readHostFile(directory);
  const joinedAs = host?.runtime ?? options.runtime;
  if (joinedAs !== options.runtime) {
    throw new StartFailure(
      `${options.dataDir} runs its projects with RUNTIME=${joinedAs}. Start it so, or choose another DATA_DIR.`,
    );
  }
  const settings = await prepareSettings(directory, options.runtime, options.docker, options.signal);
  if (host !== null) await holdPortRange(host.portRange);
  const hostId = host?.hostId ?? (await enrol(options, directory, host, settings));
  // the worker listens where this start was told to, which need not be where the last one was
  if (host !== null && host.url !== options.url) await writeHostFile(directory, { ...host, hostId, url: options.url });
  const logFile = joinPath(options.logs, 'agent.log');
  let facts: z.infer<typeof ready> | null = null;
  const service = options.run({
    name: 'agent',
    command: process.execPath,
    args: [...agentMemory, await agentProgram(options), 'run', '--data-dir', directory],
    environment: { MALLOC_ARENA_MAX: '1', ...(options.runtime === 'compose' ? options.docker.environment : {}) },
    cwd: options.dataDir,
    logFile,
    ipc: (message) => {
      const parsed = ready.safeParse(message);
      if (parsed.success) facts = parsed.data;
    },
    stopWithinMs: 9_000,
    finalExits: finalExits(directory),
  });
  const deadline = options.now() + 60_000;
  while (facts === null) {
    options.signal.throwIfAborted();
    if (service.exits() > 0) throw new StartFailure(`The agent does not start: ${await lastWords(logFile)}`);
    if (options.now() > deadline) throw new StartFailure(`The agent was not ready within 60 s; its log: ${logFile}`);
    await wait(30);
  }
  const { frontDoorPort, relocated } = facts;
  return { hostId, frontDoorPort, relocated, givenUp: service.givenUp };
}

/** It makes little garbage and runs beside every project: room for a lot of it would only stay taken. */
const agentMemory = ['--max-semi-space-size=1', '--optimize-for-size'];

/** The embedded runtime starts further programs, which it looks for beside its own files. */
async function agentProgram({ runtime, buildDir }: Parameters<typeof startAgent>[0]): Promise<string> {
  return runtime === 'compose' ? bundleAgent(buildDir) : joinPath(import.meta.dirname, '../agent/main.ts');
}

/** What the agent said last on its way out. */
async function lastWords(logFile: string): Promise<string> {
  const lines = (await readIfThere(logFile))?.split('\n').filter((line) => line.startsWith('supafleet-agent: ')) ?? [];
  return lines.at(-1)?.slice('supafleet-agent: '.length) ?? `see ${logFile}`;
}

/** Its own exit codes for what another start would not change. */
function finalExits(directory: string): ReadonlyMap<number, string> {
  const goOn = 'The rest runs on, this machine runs no projects';
  const rejoin = `To make it a new host, stop, remove ${joinPath(directory, 'host.json')}, and start again.`;
  return new Map([
    [exitCodes.revoked, `The control plane revoked this host. ${goOn}. ${rejoin}`],
    [exitCodes.versionUnsupported, `The control plane does not serve this agent's version. ${goOn}. Update supafleet.`],
    [exitCodes.keyInUse, `Another agent uses this host's key: its directory was copied. ${goOn}. ${rejoin}`],
  ]);
}

async function enrol(
  options: Parameters<typeof startAgent>[0],
  directory: string,
  unconfirmed: HostRecord | null,
  settings: AgentSettings,
): Promise<string> {
  const client = createClient({ url: options.url, token: options.account.accessToken });
  const { token } = await client.hosts.createEnrolmentToken.mutate();
  const name = unconfirmed?.name ?? hostname().slice(0, 100);
  const facts = {
    agentVersion: version,
    runtime: settings.runtime,
    projectHost: 'localhost',
    portRange: unconfirmed?.portRange ?? options.portRange ?? (await choosePortRange()),
  };
  const deps = { now: options.now, createKey: createHostKey };
  return (await join(options.url, token, { directory, name, region: 'local', facts, settings }, deps)).hostId;
}
