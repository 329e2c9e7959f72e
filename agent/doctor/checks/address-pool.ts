import { portsPerProject } from '../../../schema/stack-spec.ts';
import { projectPorts } from '../../host-ports.ts';
import { poolCapacity } from '../../stack/network.ts';
import { type Check, failed, ok, type Subject, type Verdict, warning } from '../check.ts';
import { chooseAddressPool } from '../choose-address-pool.ts';
import { overlap } from '../ip-networks.ts';
import { type NetworkInUse, networksInUse } from '../networks-in-use.ts';

/** The addresses that projects get are nobody else's. */
export const addressPoolCheck: Check = {
  name: 'address-pool',
  run: async (context) => addressPoolVerdict(context.subject, await networksInUse(context, context.subject.hostId)),
};

export function addressPoolVerdict(
  { settings, portRange }: Pick<Subject, 'settings' | 'portRange'>,
  inUse: readonly NetworkInUse[],
): Verdict {
  const pool = settings.addressPool ?? chooseAddressPool(inUse);
  if (pool === null) return failed('Every network from 10.213.0.0/16 to 10.255.0.0/16 is in use', another);
  const other = inUse.find(({ subnet }) => overlap(pool, subnet));
  if (other !== undefined) return failed(`${pool} overlaps ${other.subnet}, ${other.whose}`, another);
  const { first, last } = projectPorts(portRange, settings.runtime);
  const [places, blocks] = [poolCapacity(pool), Math.floor((last - first + 1) / portsPerProject)];
  if (places < blocks && places < mostProjects) {
    return warning(`${pool} has room for ${places} projects, the port range for ${blocks}`, another);
  }
  return ok(`${pool}, for ${Math.min(places, blocks)} projects`);
}

/** nobody has more on one machine */
const mostProjects = 200;
const another = 'Name an IPv4 network that is free, /16 at best: --address-pool 10.230.0.0/16 (later: settings.json).';
