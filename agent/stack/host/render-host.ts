import { stackReleases } from '../../../schema/stack-releases.ts';
import { type ComposeFile, type ComposeService, literal } from '../compose-service.ts';
import { composeText } from '../compose-text.ts';
import { environmentFile } from '../environment-file.ts';
import { type ImageMap, resolveImage } from '../image-map.ts';
import { labels } from '../labels.ts';
import type { RenderedFile } from '../rendered-stack.ts';
import { edge, edgeStartConfig } from './edge.ts';
import { hostServiceHash } from './host-service-hash.ts';
import { meta } from './meta.ts';

export type HostOptions = {
  hostId: string;
  images: ImageMap;
  hasStartInterval: boolean;
  /** postgres-meta: a port of the loopback interface (its metrics take the one behind it), and the key of its requests */
  meta: { port: number; cryptoKey: string };
};

/** All that a host runs once, for all of its projects. */
export type RenderedHost = {
  composeProject: string;
  /** relative to `host/` in the data directory; `edge/` beside it is mounted and must exist, 0700 */
  files: RenderedFile[];
  services: { name: HostService; image: string; hash: string }[];
};

export type HostService = 'edge' | 'meta';

/** The directory of the host's own compose project. Pure. Throws a RuntimeFailure when an image has no usable name. */
export function renderHost(options: HostOptions): RenderedHost {
  const composeProject = `supafleet-host-${options.hostId
    .replaceAll(/[^0-9a-zA-Z]/g, '')
    .slice(0, 8)
    .toLowerCase()}`;
  const values = { META_CRYPTO_KEY: options.meta.cryptoKey };
  const parts: Record<HostService, ComposeService> = {
    edge: edge({
      image: resolveImage(options.images, 'edge', stackReleases.host.edge),
      hasStartInterval: options.hasStartInterval,
    }),
    meta: meta({
      image: resolveImage(options.images, 'meta', stackReleases.host.meta),
      hasStartInterval: options.hasStartInterval,
      port: options.meta.port,
    }),
  };
  const services = (['edge', 'meta'] as const).map((name) => {
    const service = { ...parts[name], labels: { [labels.host]: literal(options.hostId), [labels.service]: name } };
    const hash = hostServiceHash(service, name === 'meta' ? values : { start: edgeStartConfig });
    return { name, service: { ...service, labels: { ...service.labels, [labels.hash]: hash } }, hash };
  });
  const file: ComposeFile = {
    name: composeProject,
    services: Object.fromEntries(services.map(({ name, service }) => [name, service])),
  };
  return {
    composeProject,
    files: [
      {
        path: 'compose.yaml',
        content: composeText(file, [
          'What this host runs once for all of its projects, written by supafleet-agent: the edge (Caddy) and postgres-meta.',
          'What is changed here is kept aside and put right again by the agent.',
        ]),
        mode: 0o644,
      },
      { path: '.env', content: environmentFile(values, 'Written by supafleet-agent.'), mode: 0o600 },
      { path: 'caddy.json', content: edgeStartConfig, mode: 0o644 },
    ],
    services: services.map(({ name, service, hash }) => ({ name, image: service.image, hash })),
  };
}
