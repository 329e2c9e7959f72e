import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chooseAddressPool } from '../../agent/doctor/choose-address-pool.ts';
import { networksInUse } from '../../agent/doctor/networks-in-use.ts';
import { type ImageMap, parseImageMap, resolveImage } from '../../agent/stack/image-map.ts';
import { render } from '../../agent/stack/render.ts';
import { stackReleases } from '../../schema/stack-releases.ts';
import { liveSpec } from '../../schema/stack-spec.ts';
import type { BenchFleet } from './fleet.ts';

/** The directory that an agent would run for a project, run by `docker compose` alone, on volumes of its own. */
export type PlainStack = {
  ref: string;
  /** `docker compose` in its directory; resolves with how long it took */
  compose(...command: string[]): Promise<number>;
  /** containers, volumes, directory */
  remove(): Promise<void>;
};

const hostFirstPort = 1_030;
/** far from where an agent that chose the same pool begins */
const place = 1_000;

/** Of the same spec and images as `model`, under another name. `own`: with the gateway and postgres-meta upstream has. */
export async function plainStack(fleet: BenchFleet, model: string, { own = false } = {}): Promise<PlainStack> {
  const exported = await fleet.client.projects.spec.mutate({ ref: model, showSecrets: true });
  const ref = model.split('').reverse().join('');
  const spec = { ...liveSpec.parse(exported), ref, firstPort: hostFirstPort + 10 * place };
  const images = parseImageMap(await readFile(fleet.imageMap, 'utf8'));
  const docker = { socketPath: fleet.socket.socketPath, environment: { PATH: process.env.PATH ?? '' } };
  const addressPool = chooseAddressPool(await networksInUse({ docker, signal: AbortSignal.timeout(10_000) }, null));
  if (addressPool === null) throw new Error('no network is free on this machine');
  const stack = render(spec, {
    hostId: `bench-${model}`,
    projectHost: 'localhost',
    edge: { kind: 'ports', address: '127.0.0.1' },
    addressPool,
    firstPort: hostFirstPort,
    images,
    hasStartInterval: Number.parseInt(await fleet.docker(['version', '--format', '{{.Server.Version}}']), 10) >= 25,
  });
  const directory = await mkdtemp(join(tmpdir(), 'supafleet-bench-'));
  for (const { path, content, mode } of stack.files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content, { mode });
  }
  const files = ['--file', join(directory, 'compose.yaml')];
  if (own) {
    await writeFile(join(directory, 'upstream.json'), JSON.stringify(upstreamParts(images)));
    files.push('--file', join(directory, 'upstream.json'));
  }
  const prefix = ['compose', '--project-directory', directory, ...files, '--env-file', join(directory, '.env')];

  async function compose(...command: string[]): Promise<number> {
    const started = performance.now();
    await fleet.docker([...prefix, ...command]);
    return performance.now() - started;
  }

  return {
    ref,
    compose,
    async remove() {
      await compose('down', '--volumes', '--timeout', '5');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What upstream has once per project. Caddy stands for its gateway. */
function upstreamParts(images: ImageMap) {
  const { edge, meta } = stackReleases.host;
  return {
    services: {
      'api-gw': {
        image: resolveImage(images, 'edge', edge),
        command: ['caddy', 'reverse-proxy', '--from', ':8000', '--to', 'rest:3000'],
        environment: { XDG_DATA_HOME: '/tmp', XDG_CONFIG_HOME: '/tmp', HOME: '/tmp' },
      },
      meta: {
        image: resolveImage(images, 'meta', meta),
        environment: {
          PG_META_PORT: '8080',
          PG_META_DB_HOST: 'db',
          PG_META_DB_PASSWORD: `\${DB_ADMIN_PASSWORD}`,
          NODE_OPTIONS: '--max-old-space-size=512',
        },
      },
    },
  };
}
