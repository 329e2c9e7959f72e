import { totalmem } from 'node:os';
import type { StackHost } from '../../stack/stack-host.ts';
import type { ComposeOptions } from './create-runtime.ts';
import type { Engine } from './engine/engine.ts';

type StackHostOptions = Pick<
  ComposeOptions,
  'hostId' | 'projectHost' | 'settings' | 'portRange' | 'images' | 'dockerSocket'
>;

/** What of the host shows in its stacks. The engine is asked what it can do until it has answered once. */
export function createStackHost(
  options: StackHostOptions,
  engine: Engine,
): (signal: AbortSignal) => Promise<StackHost> {
  const { hostId, projectHost, settings, portRange, images, dockerSocket } = options;
  let known: StackHost | null = null;
  return async (signal) => {
    known ??= {
      hostId,
      projectHost,
      edge: settings.edge,
      addressPool: settings.addressPool,
      firstPort: portRange.first,
      images,
      hasStartInterval: (await engine.version(signal)).major >= 25,
      dockerSocket,
      memoryMiB: Math.floor(totalmem() / 2 ** 20),
    };
    return known;
  };
}
