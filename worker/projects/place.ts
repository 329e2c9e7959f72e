import { portsPerProject } from '../../schema/stack-spec.ts';
import { defaultRegion, isRegionCode, type RegionWish } from './regions.ts';

/** A host as placement sees it. Times are milliseconds since the epoch. */
export type PlacementHost = {
  id: string;
  region: string;
  cordoned: boolean;
  revokedAt: number | null;
  lostAt: number | null;
  enrolledAt: number;
  reportedAt: number | null;
  firstPort: number;
  lastPort: number;
  /** blocks of ports in use */
  usedBlocks: number;
  /** hosts that this one stands for, with itself */
  alike: number;
};

type Placement =
  /** `region` is what the project is said to be in */
  | { kind: 'placed'; hostId: string; region: string }
  | { kind: 'refused'; because: 'no_host' | 'no_host_in_region' | 'unknown_region'; message: string };

/**
 * Which host takes a new project: one that is up and may, in the region that was asked for, with room for its ports,
 * and of those the one with the fewest. When none has room the project is placed all the same and shows why it cannot
 * start. A host whose region is no known code stands nowhere in particular and serves every wish.
 */
export function place(
  hosts: readonly PlacementHost[],
  wish: RegionWish | null,
  at: { now: number; lostAfterMs: number },
): Placement {
  if (wish !== null && !wish.isKnown && !hosts.some(({ region }) => wish.regions.includes(region))) {
    return { kind: 'refused', because: 'unknown_region', message: `"${wish.asked}" is no region here` };
  }
  const usable = hosts.filter((host) => whyNot(host, at) === null);
  if (usable.length === 0) return { kind: 'refused', because: 'no_host', message: noHost(hosts, at) };
  const inRegion = candidates(usable, wish);
  const [best] = inRegion.toSorted(
    (one, other) =>
      Number(isFull(one)) - Number(isFull(other)) ||
      one.usedBlocks - other.usedBlocks ||
      one.id.localeCompare(other.id),
  );
  if (best === undefined) {
    const regions = [...new Set(usable.map(({ region }) => region))].sort().join(', ');
    const message = `No host is in the region ${wish?.asked}; there are hosts in ${regions}`;
    return { kind: 'refused', because: 'no_host_in_region', message };
  }
  const asked = wish?.regions.find(isRegionCode);
  return {
    kind: 'placed',
    hostId: best.id,
    region: isRegionCode(best.region) ? best.region : (asked ?? defaultRegion),
  };
}

/** Why a host takes no new project; null: it does. */
export function whyNot(
  host: PlacementHost,
  { now, lostAfterMs }: { now: number; lostAfterMs: number },
): 'revoked' | 'cordoned' | 'silent' | null {
  if (host.revokedAt !== null) return 'revoked';
  if (host.cordoned) return 'cordoned';
  // one that has just enrolled has not reported yet
  const heardOfAt = Math.max(host.reportedAt ?? 0, host.enrolledAt);
  return host.lostAt !== null || now - heardOfAt > lostAfterMs ? 'silent' : null;
}

function candidates(usable: readonly PlacementHost[], wish: RegionWish | null): readonly PlacementHost[] {
  if (wish === null) return usable;
  const inRegion = usable.filter(({ region }) => wish.regions.includes(region));
  return inRegion.length > 0 || !wish.isKnown ? inRegion : usable.filter(({ region }) => !isRegionCode(region));
}

function isFull({ firstPort, lastPort, usedBlocks }: PlacementHost): boolean {
  return usedBlocks >= Math.floor((lastPort - firstPort + 1) / portsPerProject);
}

function noHost(hosts: readonly PlacementHost[], at: { now: number; lostAfterMs: number }): string {
  const reasons = hosts.map((host) => ({ reason: whyNot(host, at), alike: host.alike }));
  const counted = (['revoked', 'cordoned', 'silent'] as const)
    .map((reason) => ({
      reason,
      count: reasons.reduce((sum, each) => (each.reason === reason ? sum + each.alike : sum), 0),
    }))
    .filter(({ count }) => count > 0)
    .map(({ reason, count }) => `${count} ${reason}`);
  const known = counted.length === 0 ? 'none is enrolled' : `of those enrolled ${counted.join(', ')}`;
  return `No host can take a new project: ${known}`;
}
