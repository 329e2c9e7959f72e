import { readFile } from 'node:fs/promises';
import { nullWhenAbsent } from '../absence.ts';
import { labels } from '../stack/labels.ts';
import type { CheckContext } from './check.ts';
import { engineNetworks } from './engine-info.ts';
import { contains, parseRoutes } from './ip-networks.ts';

/** A network that is not this host's own, and whose it is. */
export type NetworkInUse = { subnet: string; whose: string };

/** IPv4 networks that are in use already: by this machine's routes and by the engine. Rejects with a RuntimeFailure. */
export async function networksInUse(
  context: Pick<CheckContext, 'docker' | 'signal'>,
  hostId: string | null,
): Promise<NetworkInUse[]> {
  const [table, networks] = await Promise.all([
    nullWhenAbsent(readFile('/proc/net/route', 'utf8')),
    engineNetworks(context),
  ]);
  const own = networks.filter(({ labels: tags }) => hostId !== null && tags[labels.host] === hostId);
  const others = networks
    .filter((network) => !own.includes(network))
    .flatMap(({ name, subnets }) => subnets.map((subnet) => ({ subnet, whose: `the Docker network ${name}` })));
  const known = [...own.flatMap(({ subnets }) => subnets), ...others.map(({ subnet }) => subnet)];
  const routes = parseRoutes(table ?? '').filter((route) => !known.some((subnet) => contains(subnet, route)));
  return [...others, ...routes.map((subnet) => ({ subnet, whose: 'a route of this machine' }))];
}
