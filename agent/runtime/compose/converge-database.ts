import type { LiveSpec } from '../../../schema/stack-spec.ts';
import { converge } from '../../converge/converge.ts';
import { convergeServices } from '../../converge/services.ts';
import type { RenderedStack } from '../../stack/rendered-stack.ts';
import { jwtExpirySeconds } from '../../stack/values.ts';
import { repairAdmin } from './admin-repair.ts';
import { AdminRefused, asFailure, type DatabasePlace, isNotYet, openSession, untilAnswers } from './database.ts';
import type { Host } from './host.ts';
import type { ProjectPaths } from './paths.ts';

type ConvergeWork = {
  spec: LiveSpec;
  stack: RenderedStack;
  paths: ProjectPaths;
  place: DatabasePlace;
  signal: AbortSignal;
};

/** a first start makes the cluster and runs the image's own scripts before it takes connections */
const answersWithinMs = 300_000;

/**
 * Waits for the database and makes it what the stack needs. Resolves with whether anything had to be changed. Compose may
 * make the container anew meanwhile: then it begins again with the next one.
 */
export async function convergeDatabase(host: Host, work: ConvergeWork): Promise<boolean> {
  const { stack, paths, place, signal } = work;
  const deadline = host.clock.now() + answersWithinMs;
  let wasRepaired = false;
  for (;;) {
    try {
      await untilAnswers(place, { clock: host.clock, signal, timeoutMs: deadline - host.clock.now() });
      return (await convergeOnce(host, work)) || wasRepaired;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AdminRefused && !wasRepaired) {
        const { adminPassword } = place;
        await repairAdmin(host, { project: stack.composeProject, paths, adminPassword, signal });
        wasRepaired = true;
      } else if (!isNotYet(error) || host.clock.now() >= deadline) throw asFailure(error);
    }
  }
}

async function convergeOnce(host: Host, { spec, stack, place }: ConvergeWork): Promise<boolean> {
  const runs = new Set(stack.services.map(({ name }) => name));
  // what pooler and analytics wait for comes first: they start as soon as the database is healthy
  const madeRooms = await convergeServices({
    connect: (database) => openSession(place, database),
    services: { pooler: runs.has('supavisor'), analytics: runs.has('analytics') },
  });
  const session = await openSession(place, 'postgres');
  try {
    const { ran, passwords } = await converge(session, {
      dbPassword: spec.secrets.dbPassword,
      adminPassword: place.adminPassword,
      jwtExpirySeconds,
      services: { auth: runs.has('auth'), storage: runs.has('storage'), realtime: runs.has('realtime') },
      randomBytes: (size) => Buffer.from(host.randomBytes(size)),
    });
    return madeRooms || ran || passwords.length > 0;
  } finally {
    await session.close();
  }
}
