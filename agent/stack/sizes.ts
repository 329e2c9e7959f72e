import type { InstanceSize } from '../../schema/instance-sizes.ts';
import type { StackService } from '../../schema/stack-profiles.ts';

/** What a size means: memory and processors as Supabase documents them, connections as its Postgres allows them. */
type Compute = { memoryMiB: number; cpus: number; maxConnections: number; poolerClients: number };

const gib = 1024;

export const computes: Readonly<Record<InstanceSize, Compute>> = {
  pico: { memoryMiB: 384, cpus: 1, maxConnections: 60, poolerClients: 200 },
  nano: { memoryMiB: 512, cpus: 2, maxConnections: 60, poolerClients: 200 },
  micro: { memoryMiB: 1 * gib, cpus: 2, maxConnections: 60, poolerClients: 200 },
  small: { memoryMiB: 2 * gib, cpus: 2, maxConnections: 90, poolerClients: 400 },
  medium: { memoryMiB: 4 * gib, cpus: 2, maxConnections: 120, poolerClients: 600 },
  large: { memoryMiB: 8 * gib, cpus: 2, maxConnections: 160, poolerClients: 800 },
  xlarge: { memoryMiB: 16 * gib, cpus: 4, maxConnections: 240, poolerClients: 1_000 },
  '2xlarge': { memoryMiB: 32 * gib, cpus: 8, maxConnections: 380, poolerClients: 1_500 },
  '4xlarge': { memoryMiB: 64 * gib, cpus: 16, maxConnections: 480, poolerClients: 3_000 },
  '8xlarge': { memoryMiB: 128 * gib, cpus: 32, maxConnections: 490, poolerClients: 6_000 },
  '12xlarge': { memoryMiB: 192 * gib, cpus: 48, maxConnections: 500, poolerClients: 9_000 },
  '16xlarge': { memoryMiB: 256 * gib, cpus: 64, maxConnections: 500, poolerClients: 12_000 },
  '24xlarge': { memoryMiB: 384 * gib, cpus: 96, maxConnections: 500, poolerClients: 18_000 },
  '24xlarge_optimized_cpu': { memoryMiB: 192 * gib, cpus: 96, maxConnections: 500, poolerClients: 18_000 },
  '24xlarge_optimized_memory': { memoryMiB: 768 * gib, cpus: 96, maxConnections: 500, poolerClients: 18_000 },
  '24xlarge_high_memory': { memoryMiB: 1_536 * gib, cpus: 96, maxConnections: 500, poolerClients: 18_000 },
  '48xlarge': { memoryMiB: 768 * gib, cpus: 192, maxConnections: 500, poolerClients: 18_000 },
  '48xlarge_optimized_cpu': { memoryMiB: 384 * gib, cpus: 192, maxConnections: 500, poolerClients: 18_000 },
  '48xlarge_optimized_memory': { memoryMiB: 1_536 * gib, cpus: 192, maxConnections: 500, poolerClients: 18_000 },
  '48xlarge_high_memory': { memoryMiB: 3_072 * gib, cpus: 192, maxConnections: 500, poolerClients: 18_000 },
};

/** What the small services may use at the smallest sizes: three to four times of what they need when idle. */
const memoryBesideMiB: Readonly<Record<Exclude<StackService, 'db'>, number>> = {
  auth: 256,
  rest: 256,
  realtime: 768,
  storage: 768,
  imgproxy: 512,
  functions: 1_024,
  supavisor: 768,
  analytics: 2_048,
  vector: 256,
};

/** The most a container may take. Nothing is reserved, so a small machine runs what it can. */
export function limits(size: InstanceSize, service: StackService): { memoryMiB: number; cpus: number } {
  const { memoryMiB, cpus } = computes[size];
  if (service === 'db') return { memoryMiB, cpus };
  return { memoryMiB: memoryBesideMiB[service] * Math.min(4, Math.max(1, memoryMiB / (8 * gib))), cpus };
}

/**
 * Settings of Postgres that go with a size, by name. Where the machine has less memory than the size, they go with the
 * machine: Postgres does not start when its buffers alone are more than there is.
 */
export function postgresSettings(size: InstanceSize, machineMiB = Number.POSITIVE_INFINITY): Record<string, string> {
  const { cpus, maxConnections } = computes[size];
  const memoryMiB = Math.min(computes[size].memoryMiB, machineMiB);
  const sharedMiB = Math.floor(memoryMiB / 4);
  const parallel = Math.max(1, Math.floor(cpus / 2));
  const workKiB = Math.floor(((memoryMiB - sharedMiB) * 1024) / (maxConnections * 3) / parallel);
  return {
    max_connections: String(maxConnections),
    shared_buffers: `${sharedMiB}MB`,
    effective_cache_size: `${Math.floor((memoryMiB * 3) / 4)}MB`,
    maintenance_work_mem: `${Math.min(2 * gib, Math.floor(memoryMiB / 16))}MB`,
    work_mem: `${Math.max(1024, workKiB)}kB`,
    max_worker_processes: String(Math.max(8, cpus)),
    max_parallel_workers: String(cpus),
    max_parallel_workers_per_gather: String(Math.min(4, parallel)),
    max_parallel_maintenance_workers: String(Math.min(4, parallel)),
  };
}

/** Shared memory for parallel queries; Docker's 64 MB end them with "no space left on device". */
export function sharedMemoryMiB(size: InstanceSize): number {
  return Math.max(128, Math.floor(computes[size].memoryMiB / 8));
}
