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

/** What Compose itself would not notice: a pause by hand, a wanted restart, files that a container still has open. */
export async function prepareContainers(host: Host, preparation: Preparation): Promise<void> {
  const { spec, stack, paths, found, signal } = preparation;
  const call = { project: stack.composeProject, directory: paths, signal };
  for (const { id, state } of found) if (state === 'paused') await host.engine.unpauseContainer(id, signal);
  const astray = found.filter((container) => isAstray(container, stack));
  const { restarts, remake } = await withFiles('Reading the project', () => readLedger(paths.ledger));
  const isRestart = restarts !== null && restarts !== spec.restarts;
  if (isRestart || remake) await host.compose.run({ ...call, command: ['stop'] });
  const gone = remake ? found : astray;
  for (const { id } of gone) await host.engine.removeContainer(id, signal);
}

/** Made by other means than ours, or cut off from the project's network: it is made anew. */
function isAstray(container: EngineContainer, stack: RenderedStack): boolean {
  if (container.isOneOff || container.state !== 'running') return false;
  const wanted = stack.services.find(({ name }) => name === container.service);
  return wanted !== undefined && container.addresses[stack.network.name] !== wanted.address;
}
