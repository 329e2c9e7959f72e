import { portsPerProject } from '../../schema/stack-spec.ts';

const last = portsPerProject - 1;

/**
 * The lowest free block of ports on the host of the row `hosts`, as an SQL expression; null when there is none. It is
 * right only inside the write that takes the block. The lowest free block starts where the range or another block ends;
 * overlap is looked for instead of equality, since a host may come back with another range.
 */
export const freePortBlock = `(
  select min(candidate)
  from (select hosts.first_port as candidate
        union all
        select taken.first_port + ${portsPerProject} from projects as taken
        where taken.host_id = hosts.id and taken.first_port is not null)
  where candidate >= hosts.first_port and candidate + ${last} <= hosts.last_port
    and not exists (select 1 from projects as other
                    where other.host_id = hosts.id and other.first_port between candidate - ${last} and candidate + ${last}))`;
