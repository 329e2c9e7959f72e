import type { LiveSpec } from '../../../schema/stack-spec.ts';
import type { RenderedStack } from '../../stack/rendered-stack.ts';
import type { EngineContainer } from './engine/container.ts';
import { withFiles } from './file-failure.ts';
import type { Host } from './host.ts';
import { readLedger } from './ledger.ts';
import type { ProjectPaths } from './paths.ts';

type Preparation = {
  spec: LiveSpec;
  stack: RenderedStack;
  paths: ProjectPaths;
  found: readonly EngineContainer[];
  signal: AbortSignal;
};

/** What Compose would not notice: a pause or other limits by hand, a wanted restart, files a container has open. */
export async function prepareContainers(host: Host, preparation: Preparation): Promise<void> {
  const { spec, stack, paths, found, signal } = preparation;
  const call = { project: stack.composeProject, directory: paths, signal };
  for (const { id, state } of found) {
    if (state !== 'paused') continue;
    // its health is told from before the pause until the next check: stopped, it begins anew
    await host.engine.unpauseContainer(id, signal);
    await host.engine.stopContainer(id, signal);
  }
  await stopSick(host, found, signal);
  const astray = found.filter((container) => isAstray(container, stack) || host.watch.isUpdated(container.id));
  const { restarts, remake } = await withFiles('Reading the project', () => readLedger(paths.ledger));
  const isRestart = restarts !== null && restarts !== spec.restarts;
  if (isRestart || remake) await host.compose.run({ ...call, command: ['stop'] });
  const gone = remake ? found : astray;
  for (const { id } of gone) await host.engine.removeContainer(id, signal);
}

/**
 * Stops what is not healthy, so that the next start gives it another chance instead of failing at once; never the
 * database. Resolves with whether there was any.
 */
export async function stopSick(
  host: Host,
  containers: readonly EngineContainer[],
  signal: AbortSignal,
): Promise<boolean> {
  const sick = containers.filter(
    ({ health, service, isOneOff }) => health === 'unhealthy' && service !== 'db' && !isOneOff,
  );
  for (const { id } of sick) await host.engine.stopContainer(id, signal);
  return sick.length > 0;
}

/** Made by other means than ours, or cut off from the project's network: it is made anew. */
function isAstray(container: EngineContainer, stack: RenderedStack): boolean {
  if (container.isOneOff || container.state !== 'running') return false;
  const wanted = stack.services.find(({ name }) => name === container.service);
  return wanted !== undefined && container.addresses[stack.network.name] !== wanted.address;
}
