import type { StackService } from '../../schema/stack-profiles.ts';
import { type ComposeMount, type ComposeService, cappedLog, literal } from './compose-service.ts';
import { healthcheck } from './healthcheck.ts';
import { labels } from './labels.ts';
import type { ProjectNetwork } from './network.ts';
import type { Mount, ServicePart } from './service-part.ts';
import type { StackHost } from './stack-host.ts';

type Surroundings = {
  name: StackService;
  ref: string;
  host: StackHost;
  image: string;
  network: ProjectNetwork;
  limits: { memoryMiB: number; cpus: number };
  /** the services of this project */
  present: readonly StackService[];
  /** another of them starts only once this one is healthy */
  isAwaited: boolean;
};

const cpuPeriodMicroseconds = 100_000;

/** Turns what is particular to a service into the whole: address, limits, labels, and what all containers have. */
export function composeService(part: ServicePart, surroundings: Surroundings): ComposeService {
  const { name, ref, host, image, network, limits, present, isAwaited } = surroundings;
  const waitsFor = present.flatMap((other) => {
    const state = part.waitsFor?.[other];
    return state === undefined ? [] : [[other, { condition: `service_${state}` as const }] as const];
  });
  return {
    image,
    ...(part.command && { command: part.command }),
    environment: part.environment,
    ...(part.mounts && { volumes: part.mounts.map((mount) => composeMount(mount, host)) }),
    networks: {
      default: {
        ipv4_address: network.addressOf(name),
        ...(part.aliases && { aliases: part.aliases }),
      },
    },
    extra_hosts: [`api-gw:${network.gateway}`],
    ...(waitsFor.length > 0 && { depends_on: Object.fromEntries(waitsFor) }),
    healthcheck: healthcheck(part.health, {
      hasStartInterval: host.hasStartInterval,
      isAwaited,
      ...(part.startSeconds !== undefined && { startSeconds: part.startSeconds }),
    }),
    ...(part.init && { init: part.init }),
    mem_limit: `${limits.memoryMiB}m`,
    ...(part.shmMiB !== undefined && { shm_size: `${part.shmMiB}m` }),
    // Docker refuses `cpus` beyond what the machine has; a quota above it is no limit, as it should be
    cpu_period: cpuPeriodMicroseconds,
    cpu_quota: limits.cpus * cpuPeriodMicroseconds,
    pids_limit: 4096,
    ...(part.openFiles !== undefined && { ulimits: { nofile: { soft: part.openFiles, hard: part.openFiles } } }),
    cap_drop: part.capabilities === 'none' ? ['ALL'] : ['MKNOD', 'NET_RAW', 'SETFCAP'],
    security_opt: ['no-new-privileges:true', ...(part.securityOptions ?? [])],
    ...(part.stopGraceSeconds !== undefined && { stop_grace_period: `${part.stopGraceSeconds}s` }),
    restart: 'unless-stopped',
    logging: cappedLog,
    labels: {
      [labels.host]: literal(host.hostId),
      [labels.ref]: ref,
      [labels.service]: name,
    },
  };
}

function composeMount(mount: Mount, host: StackHost): ComposeMount {
  switch (mount.kind) {
    case 'volume':
      return {
        type: 'volume',
        source: mount.name,
        target: mount.target,
        ...(mount.readOnly && { read_only: true }),
      };
    case 'file':
      return {
        type: 'bind',
        source: `./${mount.path}`,
        target: mount.target,
        read_only: true,
        bind: { create_host_path: false, selinux: 'z' },
      };
    case 'directory':
      return {
        type: 'bind',
        source: `./${mount.path}`,
        target: mount.target,
        bind: { create_host_path: false, selinux: 'z' },
      };
    case 'engine-socket':
      return {
        type: 'bind',
        source: literal(host.dockerSocket ?? '/var/run/docker.sock'),
        target: mount.target,
        read_only: true,
        bind: { create_host_path: false },
      };
    default:
      return mount satisfies never;
  }
}
