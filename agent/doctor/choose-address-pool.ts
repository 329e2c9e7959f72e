import { overlap } from './ip-networks.ts';
import type { NetworkInUse } from './networks-in-use.ts';

/** The first of 10.213.0.0/16, 10.214.0.0/16, … that nobody uses; null when there is none. */
export function chooseAddressPool(inUse: readonly NetworkInUse[]): string | null {
  const pools = Array.from({ length: 255 - 213 + 1 }, (_, index) => `10.${213 + index}.0.0/16`);
  return pools.find((pool) => !inUse.some(({ subnet }) => overlap(pool, subnet))) ?? null;
}
