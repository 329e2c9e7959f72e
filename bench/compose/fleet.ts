import { setTimeout as wait } from 'node:timers/promises';
import { labels } from '../../agent/stack/labels.ts';
import type { Project } from '../../client/contract/projects.ts';
import { createClient, type SupafleetClient } from '../../client/index.ts';
import type { DevFile } from '../../launcher/dev-file.ts';
import type { ProjectStatus } from '../../schema/project-status.ts';
import type { StackProfile } from '../../schema/stack-profiles.ts';
import type { EnginePlace } from '../../test/docker/find-engine.ts';
import { runDocker } from '../../test/docker/run-docker.ts';
import { createInstallation, type Installation } from '../../test/support/installation.ts';
import { type CountingSocket, openCountingSocket } from './counting-socket.ts';

/** `npm start` on an engine whose every request is counted. */
export type BenchFleet = {
  installation: Installation;
  dev: DevFile;
  client: SupafleetClient;
  socket: CountingSocket;
  imageMap: string;
  /** `docker`, through the same socket */
  docker(args: string[]): Promise<string>;
  /** Made and awaited; `tookMs` ends when a client that asks all the time sees it healthy. */
  create(name: string, profile: StackProfile): Promise<{ ref: string; password: string; tookMs: number }>;
  untilStatus(ref: string, status: ProjectStatus): Promise<void>;
  project(ref: string): Promise<Project>;
  remove(): Promise<void>;
};

export async function startBenchFleet(place: EnginePlace): Promise<BenchFleet> {
  const socket = await openCountingSocket(place.socketPath);
  const environment = { ...place.environment, DOCKER_HOST: `unix://${socket.socketPath}` };
  const installation = await createInstallation({ ...environment, RUNTIME: 'compose', IMAGE_MAP: place.imageMap });
  const dev = await installation.start().catch(async (error: unknown) => {
    await installation.remove();
    await socket.close();
    throw error;
  });
  const client = createClient({ url: dev.url, token: dev.access_token });
  const docker = (args: string[]) => runDocker(args, environment, 300_000);
  const project = (ref: string) => client.projects.get.query({ ref });

  async function untilStatus(ref: string, status: ProjectStatus): Promise<void> {
    const deadline = performance.now() + 180_000;
    for (;;) {
      const found = await project(ref);
      if (found.status === status) return;
      if (performance.now() > deadline) throw new Error(`${ref} is ${found.status}: ${found.statusReason}`);
      await wait(50);
    }
  }

  return {
    installation,
    dev,
    client,
    socket,
    imageMap: place.imageMap,
    docker,
    project,
    untilStatus,
    async create(name, profile) {
      const { ref, generatedDatabasePassword: password } = await client.projects.create.mutate({
        organization: dev.organization,
        name,
        profile,
      });
      const started = performance.now();
      await untilStatus(ref, 'ACTIVE_HEALTHY');
      return { ref, password: password ?? '', tookMs: performance.now() - started };
    },
    async remove() {
      await installation.stop();
      await removeAll(docker, `label=${labels.host}=${dev.host}`);
      await installation.remove();
      await socket.close();
    },
  };
}

async function removeAll(docker: BenchFleet['docker'], filter: string): Promise<void> {
  const list = async (...args: string[]) =>
    (await docker([...args, '--quiet', '--filter', filter])).split('\n').filter((line) => line !== '');
  const containers = await list('container', 'ls', '--all');
  if (containers.length > 0) await docker(['container', 'rm', '--force', '--volumes', ...containers]);
  const networks = await list('network', 'ls');
  if (networks.length > 0) await docker(['network', 'rm', ...networks]);
  const volumes = await list('volume', 'ls');
  if (volumes.length > 0) await docker(['volume', 'rm', ...volumes]);
}
