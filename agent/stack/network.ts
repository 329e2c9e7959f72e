import type { StackService } from '../../schema/stack-profiles.ts';
import { portsPerProject } from '../../schema/stack-spec.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import type { StackHost } from './stack-host.ts';

/** Addresses of a project's network, its own and the one for everybody included. */
export const addressesPerProject = 64;

/** The place of each service in its network; the host itself, as `api-gw`, has the first. */
const places: Record<StackService, number> = {
  db: 2,
  auth: 3,
  rest: 4,
  realtime: 5,
  storage: 6,
  imgproxy: 7,
  functions: 8,
  supavisor: 9,
  analytics: 10,
  vector: 11,
};

export type ProjectNetwork = {
  /** CIDR */
  subnet: string;
  /** what the engine hands out to containers without a place of their own (`docker compose run`) */
  freeRange: string;
  /** the host's own address in it */
  gateway: string;
  addressOf(service: StackService): string;
};

/**
 * The network of the project whose block of ports starts at `firstPort`: the block's place in the host's range is the
 * network's place in the address pool. Throws a RuntimeFailure when the block is not one of the host's, or the pool ends.
 */
export function projectNetwork(firstPort: number, host: Pick<StackHost, 'addressPool' | 'firstPort'>): ProjectNetwork {
  const index = (firstPort - host.firstPort) / portsPerProject;
  if (!Number.isInteger(index) || index < 0) {
    throw new RuntimeFailure(
      `Ports from ${firstPort} on are no block of this host, whose blocks of ${portsPerProject} start at ${host.firstPort}`,
    );
  }
  const pool = parsePool(host.addressPool);
  const base = pool.first + index * addressesPerProject;
  if (base + addressesPerProject > pool.first + pool.size) {
    const holds = Math.floor(pool.size / addressesPerProject);
    throw new RuntimeFailure(
      `The address pool ${host.addressPool} has room for ${holds} projects and this is number ${index + 1}: ` +
        'give this host a wider one (settings.json, addressPool)',
    );
  }
  return {
    subnet: `${addressText(base)}/26`,
    freeRange: `${addressText(base + addressesPerProject / 2)}/27`,
    gateway: addressText(base + 1),
    addressOf: (service) => addressText(base + places[service]),
  };
}

/** How many projects find room in a pool. */
export function poolCapacity(addressPool: string): number {
  return Math.floor(parsePool(addressPool).size / addressesPerProject);
}

function parsePool(pool: string): { first: number; size: number } {
  const [address = '', prefixText = ''] = pool.split('/');
  const prefix = Number(prefixText);
  const bytes = address.split('.').map(Number);
  const isAddress = bytes.length === 4 && bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
  if (!isAddress || !/^\d{1,2}$/.test(prefixText) || prefix < 1 || prefix > 26) {
    throw new RuntimeFailure(`The address pool "${pool}" is no IPv4 network such as 10.213.0.0/16`);
  }
  const size = 2 ** (32 - prefix);
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  // an address inside of the network names the network, as everywhere
  return { first: number - (number % size), size };
}

function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
