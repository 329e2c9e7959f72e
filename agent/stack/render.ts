import { profileServices, type StackService } from '../../schema/stack-profiles.ts';
import { stackReleases } from '../../schema/stack-releases.ts';
import type { LiveSpec } from '../../schema/stack-spec.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import { composeService } from './common-service.ts';
import { type ComposeService, literal } from './compose-service.ts';
import { composeText } from './compose-text.ts';
import { environmentFile } from './environment-file.ts';
import { firstBootSql } from './files/first-boot.ts';
import { functionsMain } from './files/functions-main.ts';
import { poolerTenant } from './files/pooler-tenant.ts';
import { vectorConfig } from './files/vector-config.ts';
import { resolveImage } from './image-map.ts';
import { labels } from './labels.ts';
import { type ProjectNetwork, projectNetwork } from './network.ts';
import type { RenderedFile, RenderedStack } from './rendered-stack.ts';
import { refersTo, serviceHash } from './service-hash.ts';
import { type ServicePart, volumeNames } from './service-part.ts';
import { servicePart } from './service-parts.ts';
import { limits } from './sizes.ts';
import type { StackHost } from './stack-host.ts';
import { type StackValues, stackValues } from './values.ts';

type Built = { name: StackService; part: ServicePart; service: ComposeService };

/**
 * The directory of a project and all that Docker Compose makes of it. Pure: the same spec on the same host is the same
 * text. Throws a RuntimeFailure when the host cannot run it: an unknown release, no room in the address pool, an image
 * map that leads nowhere, a value that no container's environment can hold.
 */
export function render(spec: LiveSpec, host: StackHost): RenderedStack {
  const { ref } = spec;
  const composeProject = `supafleet-${ref}`;
  const network = projectNetwork(spec.firstPort, host);
  const values = stackValues(spec, host);
  const images = releaseImages(spec);
  const present = profileServices[spec.profile];
  const parts = present.map((name) => ({ name, part: servicePart(name, spec, host) }));
  const built: Built[] = parts.map(({ name, part }) => {
    const image = resolveImage(host.images, name, images[name]);
    const isAwaited = parts.some((other) => other.part.waitsFor?.[name] === 'healthy');
    const options = { name, ref, host, image, network, limits: limits(spec.size, name), present, isAwaited };
    return { name, part, service: composeService(part, options) };
  });
  const files = configFiles(spec, present);
  const hashes = new Map(built.map(({ name, part, service }) => [name, serviceHash(service, part, values, files)]));
  const hashOf = (name: StackService) => hashes.get(name) ?? '';
  const volumes = volumeNames.filter((name) => built.some(({ part }) => mountsVolume(part, name)));

  return {
    ref,
    composeProject,
    files: [
      composeFile({ composeProject, built, hashOf, network, volumes, ref, hostId: host.hostId }),
      envFile(values, built),
      ...files,
    ],
    services: built.map(({ name, part, service }) => ({
      name,
      image: service.image,
      address: network.addressOf(name),
      port: part.port,
      hash: hashOf(name),
    })),
    network: { name: `${composeProject}_default`, subnet: network.subnet, gateway: network.gateway },
    volumes: volumes.map((name) => `${composeProject}_${name}`),
  };
}

function releaseImages(spec: LiveSpec): Record<StackService, string> {
  const release = stackReleases.releases[spec.release];
  if (release === undefined) {
    throw new RuntimeFailure(`This agent does not know release ${spec.release}: upgrade the agent`);
  }
  if (release.postgresVersion !== spec.postgresVersion) {
    throw new RuntimeFailure(
      `Release ${spec.release} has Postgres ${release.postgresVersion}, this project needs ${spec.postgresVersion}`,
    );
  }
  return release.images;
}

/** Files that containers read; what is secret is not among them. */
function configFiles(spec: LiveSpec, present: readonly StackService[]): RenderedFile[] {
  const readable = 0o644;
  const files: RenderedFile[] = [{ path: 'first-boot.sql', content: firstBootSql(spec, present), mode: readable }];
  if (present.includes('functions')) {
    files.push({ path: 'functions/main/index.ts', content: functionsMain, mode: readable });
  }
  if (present.includes('supavisor')) files.push({ path: 'pooler.exs', content: poolerTenant, mode: readable });
  if (present.includes('vector')) files.push({ path: 'vector.yml', content: vectorConfig(spec.ref), mode: readable });
  return files;
}

type ComposeFileParts = {
  composeProject: string;
  built: Built[];
  hashOf(name: StackService): string;
  network: ProjectNetwork;
  volumes: readonly string[];
  ref: string;
  hostId: string;
};

function composeFile({ composeProject, built, hashOf, network, volumes, ref, hostId }: ComposeFileParts): RenderedFile {
  const own = { [labels.host]: literal(hostId), [labels.ref]: ref };
  const content = composeText(
    {
      name: composeProject,
      services: Object.fromEntries(
        built.map(({ name, service }) => [
          name,
          { ...service, labels: { ...service.labels, [labels.hash]: hashOf(name) } },
        ]),
      ),
      networks: {
        default: {
          name: `${composeProject}_default`,
          driver: 'bridge',
          ipam: { config: [{ subnet: network.subnet, ip_range: network.freeRange, gateway: network.gateway }] },
          labels: own,
        },
      },
      volumes: Object.fromEntries(volumes.map((name) => [name, { name: `${composeProject}_${name}`, labels: own }])),
    },
    [
      `Supabase project ${ref}, written by supafleet-agent.`,
      'Values and secrets are in .env. Read along with `docker compose ps`, `logs` and `exec`; what is changed here is',
      'kept aside and put right again by the agent.',
    ],
  );
  return { path: 'compose.yaml', content, mode: 0o644 };
}

/** Only what one of the services refers to: a project without a pooler has no pooler's secret on its host's disk. */
function envFile(values: StackValues, built: Built[]): RenderedFile {
  const used = Object.entries(values).filter(([name]) => built.some(({ service }) => refersTo(service, name)));
  return {
    path: '.env',
    content: environmentFile(
      Object.fromEntries(used),
      'Values for compose.yaml, secrets among them. Written by supafleet-agent.',
    ),
    mode: 0o600,
  };
}

function mountsVolume(part: ServicePart, name: string): boolean {
  return (part.mounts ?? []).some((mount) => mount.kind === 'volume' && mount.name === name);
}
