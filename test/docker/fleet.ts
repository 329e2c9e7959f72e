import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { readHostFile } from '../../agent/host-file.ts';
import { labels } from '../../agent/stack/labels.ts';
import { createClient, type SupafleetClient } from '../../client/index.ts';
import { callOk } from '../../launcher/api.ts';
import type { DevFile } from '../../launcher/dev-file.ts';
import type { ProjectStatus } from '../../schema/project-status.ts';
import { createInstallation, type Installation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { type FleetContainer, inspectContainers } from './containers.ts';
import { type DockerEngine, removeLabelled } from './engine.ts';

/** `npm start` on a real engine, and what an operator has at hand beside it. */
export type Fleet = {
  installation: Installation;
  dev: DevFile;
  client: SupafleetClient;
  /** The `supafleet` command, as an operator runs it; answers what it wrote, rejects with its complaint. */
  supafleet(words: string[], input?: string): Promise<string>;
  /** SQL as Studio sends it. */
  query(ref: string, sql: string): Promise<unknown>;
  untilStatus(ref: string, status: ProjectStatus): Promise<void>;
  /** Containers of a project by service; of the host itself without one. */
  containers(ref?: string): Promise<Map<string, FleetContainer>>;
  /** The directory of a project on the host. */
  home(ref: string): string;
  /** Caddy's configuration, as it runs now. */
  edgeConfig(): Promise<unknown>;
  /** Stops it and removes every trace: containers, networks, volumes, directories. */
  remove(): Promise<void>;
};

const root = join(import.meta.dirname, '../..');

/** Begins with the first `npm start` on a data directory of its own, awaited until it is ready. */
export async function startFleet(engine: DockerEngine): Promise<Fleet> {
  const { DOCKER_HOST = '', DOCKER_CONFIG = '' } = engine.environment;
  const environment = { RUNTIME: 'compose', IMAGE_MAP: engine.imageMap, DOCKER_HOST, DOCKER_CONFIG };
  const installation = await createInstallation(environment);
  const dev = await installation.start().catch(async (error: unknown) => {
    const host = await readHostFile(join(installation.dataDir, 'host'));
    if (installation.isRunning()) await installation.stop();
    if (host?.hostId) await removeLabelled(engine, `${labels.host}=${host.hostId}`);
    await installation.remove();
    throw error;
  });
  const client = createClient({ url: dev.url, token: dev.access_token });
  const host = `${labels.host}=${dev.host}`;
  return {
    installation,
    dev,
    client,
    supafleet: (words, input = '') => supafleet(dev, words, input),
    query: (ref, query) =>
      callOk(`${dev.url}/platform/pg-meta/${ref}/query`, { method: 'POST', token: dev.access_token, body: { query } }),
    untilStatus: (ref, status) => {
      const what = `${ref} to be ${status}`;
      const isThere = async () => (await client.projects.get.query({ ref })).status === status;
      return until(isThere, { what, timeoutMs: 60_000, everyMs: 200 });
    },
    async containers(ref) {
      const found = await inspectContainers(engine, host);
      return new Map(found.filter((one) => one.ref === (ref ?? null)).map((one) => [one.service, one]));
    },
    home: (ref) => join(installation.dataDir, 'host/projects', ref),
    edgeConfig: () => edgeConfig(join(installation.dataDir, 'host/edge/admin.sock')),
    async remove() {
      if (installation.isRunning()) await installation.stop();
      await removeLabelled(engine, host);
      await installation.remove();
    },
  };
}

function supafleet(dev: DevFile, words: string[], input: string): Promise<string> {
  const env = { ...process.env, SUPAFLEET_URL: dev.url, SUPAFLEET_TOKEN: dev.access_token };
  return new Promise((resolve, reject) => {
    const options = { env, timeout: 150_000 };
    const child = execFile(
      process.execPath,
      [join(root, 'cli/main.ts'), ...words],
      options,
      (cause, out, complaint) => {
        if (cause === null) resolve(out);
        else reject(new Error(`supafleet ${words.join(' ')} failed: ${complaint || cause.message}`, { cause }));
      },
    );
    child.stdin?.end(input);
  });
}

function edgeConfig(socketPath: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/config/', headers: { host: 'localhost' } }, (response) => {
      json(response).then(resolve, reject);
    });
    asked.once('error', reject).end();
  });
}
