import { stackServices } from '../../../schema/stack-profiles.ts';
import type { ObservedStack } from '../../deps.ts';
import { publicUrl } from '../../stack/public-url.ts';
import { readyPaths } from '../../stack/readiness.ts';
import { namesIn } from '../file-tree.ts';
import { type Applied, readApplied } from './applied.ts';
import { readEdgeFile } from './edge-file.ts';
import type { EngineContainer } from './engine/container.ts';
import { fileDrift } from './file-drift.ts';
import { reasonOf } from './file-failure.ts';
import type { Host } from './host.ts';
import { isReady } from './is-ready.ts';
import { readLedger } from './ledger.ts';
import { observedStack } from './observed-state.ts';
import { projectPaths, refOfEntry } from './paths.ts';
import type { Picture } from './watch.ts';

/** All that looking needs of a host. */
type Seen = Pick<Host, 'paths' | 'files' | 'settings' | 'projectHost' | 'databases'>;

/**
 * Every stack that has a directory here or anything on the engine, also one whose removal was cut short. While the
 * engine does not answer, the last picture counts, and every service says so: what is asked for then fails with the
 * reason instead of not being tried.
 */
export async function observe(host: Seen, picture: Picture, signal: AbortSignal): Promise<ObservedStack[]> {
  const names = await namesIn(host.paths.projects);
  signal.throwIfAborted();
  const found = [...names.map(refOfEntry), ...picture.containers.map(({ ref }) => ref), ...picture.traces];
  const refs = [...new Set(found.filter((ref) => ref !== null))].sort();
  const stacks: ObservedStack[] = [];
  for (const ref of refs) stacks.push(await observeOne(host, ref, picture, signal));
  signal.throwIfAborted();
  return stacks;
}

async function observeOne(host: Seen, ref: string, picture: Picture, signal: AbortSignal): Promise<ObservedStack> {
  const containers = picture.containers.filter((container) => container.ref === ref && !container.isOneOff);
  const meta = picture.containers.find((container) => container.ref === null && container.service === 'meta') ?? null;
  const files = await lookAtFiles(host, ref);
  noteDatabase(host, ref, containers, files.applied?.network);
  const answering = await answeringOf(containers, files.applied, signal);
  const stack = observedStack({
    ref,
    containers,
    meta,
    updated: picture.updated,
    blind: picture.blind,
    answering,
    ...files,
  });
  return stack.state === 'stopped' ? { ...stack, gateway: null } : stack;
}

/** Docker asks rarely, so right after a start the agent asks by itself. */
async function answeringOf(
  containers: readonly EngineContainer[],
  applied: Applied | null,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const unasked = containers.filter(({ state, health }) => state === 'running' && health === 'starting');
  const answers = await Promise.all(
    unasked.map(async ({ service }) => {
      const place = applied?.services[service];
      const name = stackServices.find((known) => known === service);
      if (place === undefined || name === undefined) return null;
      const { address, port } = place;
      return (await isReady({ address, port, path: readyPaths[name] }, signal)) ? service : null;
    }),
  );
  return new Set(answers.filter((service) => service !== null));
}

/** A directory that cannot be read is that project's trouble alone. */
async function lookAtFiles(host: Seen, ref: string) {
  const paths = projectPaths(host.paths, ref);
  try {
    const [applied, edge, ledger] = [
      await readApplied(paths.applied),
      await readEdgeFile(paths.edge),
      await readLedger(paths.ledger),
    ];
    const drift = await fileDrift(paths.home, ledger, host.files);
    const isUnserved = applied !== null && edge === null;
    return {
      applied,
      gateway: edge?.state === 'serving' ? await gatewayOf(host, ref, edge.port) : null,
      fileDrift: isUnserved ? [...drift, 'edge.json is missing'] : drift,
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return { applied: null, gateway: null, fileDrift: [`its directory cannot be read: ${reasonOf(code)}`] };
  }
}

async function gatewayOf(host: Seen, ref: string, firstPort: number): Promise<ObservedStack['gateway']> {
  const url = new URL(publicUrl(ref, firstPort, { projectHost: host.projectHost, edge: host.settings.edge }));
  return { protocol: url.protocol === 'https:' ? 'https' : 'http', endpoint: url.host };
}

function noteDatabase(host: Seen, ref: string, containers: EngineContainer[], network: string | undefined): void {
  const db = containers.find(({ service, state }) => service === 'db' && state === 'running');
  const address = db === undefined || network === undefined ? '' : (db.addresses[network] ?? '');
  if (address === '') host.databases.delete(ref);
  else host.databases.set(ref, { host: address, port: 5432 });
}
