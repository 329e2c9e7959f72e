import { type InstanceSize, instanceCompute } from '../../schema/instance-sizes.ts';
import type { StackService } from '../../schema/stack-profiles.ts';

/** How many connections a size allows, as its Postgres on the platform does. */
export const connectionLimits: Readonly<Record<InstanceSize, { maxConnections: number; poolerClients: number }>> = {
  pico: { maxConnections: 60, poolerClients: 200 },
  nano: { maxConnections: 60, poolerClients: 200 },
  micro: { maxConnections: 60, poolerClients: 200 },
  small: { maxConnections: 90, poolerClients: 400 },
  medium: { maxConnections: 120, poolerClients: 600 },
  large: { maxConnections: 160, poolerClients: 800 },
  xlarge: { maxConnections: 240, poolerClients: 1_000 },
  '2xlarge': { maxConnections: 380, poolerClients: 1_500 },
  '4xlarge': { maxConnections: 480, poolerClients: 3_000 },
  '8xlarge': { maxConnections: 490, poolerClients: 6_000 },
  '12xlarge': { maxConnections: 500, poolerClients: 9_000 },
  '16xlarge': { maxConnections: 500, poolerClients: 12_000 },
  '24xlarge': { maxConnections: 500, poolerClients: 18_000 },
  '24xlarge_optimized_cpu': { maxConnections: 500, poolerClients: 18_000 },
  '24xlarge_optimized_memory': { maxConnections: 500, poolerClients: 18_000 },
  '24xlarge_high_memory': { maxConnections: 500, poolerClients: 18_000 },
  '48xlarge': { maxConnections: 500, poolerClients: 18_000 },
  '48xlarge_optimized_cpu': { maxConnections: 500, poolerClients: 18_000 },
  '48xlarge_optimized_memory': { maxConnections: 500, poolerClients: 18_000 },
  '48xlarge_high_memory': { maxConnections: 500, poolerClients: 18_000 },
};

const gib = 1024;

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
  const { memoryMiB, cpus } = instanceCompute[size];
  if (service === 'db') return { memoryMiB, cpus };
  return { memoryMiB: memoryBesideMiB[service] * Math.min(4, Math.max(1, memoryMiB / (8 * gib))), cpus };
}

/**
 * Settings of Postgres that go with a size, by name. Where the machine has less memory than the size, they go with the
 * machine: Postgres does not start when its buffers alone are more than there is.
 */
export function postgresSettings(size: InstanceSize, machineMiB = Number.POSITIVE_INFINITY): Record<string, string> {
  const { cpus } = instanceCompute[size];
  const { maxConnections } = connectionLimits[size];
  const memoryMiB = Math.min(instanceCompute[size].memoryMiB, machineMiB);
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
  return Math.max(128, Math.floor(instanceCompute[size].memoryMiB / 8));
}
