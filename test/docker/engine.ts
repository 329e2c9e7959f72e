import { readFileSync } from 'node:fs';
import { describe, inject } from 'vitest';
import { type ImageMap, parseImageMap } from '../../agent/stack/image-map.ts';
import { until } from '../support/until.ts';
import type { EnginePlace } from './find-engine.ts';
import { bothStreams, runDocker } from './run-docker.ts';

/** A real engine for tests. */
export type DockerEngine = EnginePlace & {
  /** Runs `docker` with these arguments and answers what it wrote. Rejects with its complaint. */
  run(args: string[], timeoutMs?: number): Promise<string>;
};

/** The engine that the tests use, or why they have none. */
export function dockerEngine(): DockerEngine | { skip: string } {
  const found = inject('docker');
  return 'skip' in found ? found : engineAt(found);
}

/** `describe` for what needs the engine: skipped where there is none (the reason is printed once for all). */
export const describeWithDocker = describe.skipIf('skip' in inject('docker'));

/** The engine, for within `describeWithDocker`; where there is none, it says so when it is used. */
export function requiredEngine(): DockerEngine {
  const engine = dockerEngine();
  if (!('skip' in engine)) return engine;
  const run = () => Promise.reject(new Error(`there is no engine: ${engine.skip}`));
  return { socketPath: '', environment: {}, imageMap: '', run };
}

export function engineAt(place: EnginePlace): DockerEngine {
  return { ...place, run: (args, timeoutMs) => runDocker(args, place.environment, timeoutMs) };
}

export function imagesOf({ imageMap }: EnginePlace): ImageMap {
  return parseImageMap(readFileSync(imageMap, 'utf8'));
}

/** What an engine has that carries a label (`name` or `name=value`): names of containers, networks and volumes. */
export async function labelled({ run }: DockerEngine, label: string) {
  const filter = ['--filter', `label=${label}`];
  const [containers, networks, volumes] = await Promise.all([
    run(['container', 'ls', '--all', '--format', '{{.Names}}', ...filter]),
    run(['network', 'ls', '--format', '{{.Name}}', ...filter]),
    run(['volume', 'ls', '--format', '{{.Name}}', ...filter]),
  ]);
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  return { containers: lines(containers), networks: lines(networks), volumes: lines(volumes) };
}

/** Removes all that carries a label: for `afterAll`, whatever a test left behind. */
export async function removeLabelled(engine: DockerEngine, label: string): Promise<void> {
  const { containers, networks, volumes } = await labelled(engine, label);
  if (containers.length > 0) await engine.run(['container', 'rm', '--force', '--volumes', ...containers]);
  for (const network of networks) await engine.run(['network', 'rm', network]);
  if (volumes.length > 0) await engine.run(['volume', 'rm', '--force', ...volumes]);
}

type ContainerState = { status: string; health: string | null; exitCode: number };

/** `running`, `exited`…, what its health check says (null: it has none), and how it ended. Rejects when it is not there. */
export async function stateOf({ run }: DockerEngine, container: string): Promise<ContainerState> {
  const format = '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}} {{.State.ExitCode}}';
  const [status = '', health = '', exitCode = ''] = (await run(['container', 'inspect', '--format', format, container]))
    .trim()
    .split(' ');
  return { status, health: health === '-' ? null : health, exitCode: Number(exitCode) };
}

/** Waits until a container is in a state: `running`, `exited`, `healthy`, `unhealthy`… */
export async function untilContainer(engine: DockerEngine, container: string, wanted: string, timeoutMs = 60_000) {
  const options = { what: `container ${container} to be ${wanted}`, timeoutMs, everyMs: 200 };
  await until(async () => {
    const { status, health } = await stateOf(engine, container);
    return status === wanted || health === wanted;
  }, options);
}

/** What a container wrote, both streams. */
export async function logsOf({ environment }: DockerEngine, container: string): Promise<string> {
  const { output, complaint } = await bothStreams(['container', 'logs', container], environment);
  return `${output}${complaint}`;
}
