import type { LiveSpec } from '../../../schema/stack-spec.ts';
import { redact } from '../../redact.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { render } from '../../stack/render.ts';
import type { RenderedStack } from '../../stack/rendered-stack.ts';
import { type Applied, forgetApplied, writeApplied } from './applied.ts';
import { bringUp } from './bring-up.ts';
import { containersOf } from './containers-of.ts';
import { withFiles } from './file-failure.ts';
import type { Host } from './host.ts';
import { readLedger, writeLedger } from './ledger.ts';
import { refuseLostVolumes } from './lost-volumes.ts';
import { openEdge } from './open-edge.ts';
import { refuseForeignParts } from './ownership.ts';
import { type ProjectPaths, projectPaths } from './paths.ts';
import { prepareContainers } from './prepare-containers.ts';
import { explainFailure } from './why-down.ts';
import { writeDirectory } from './write-directory.ts';

type ApplyOptions = { specHash: string; signal: AbortSignal };

/**
 * Brings a stack to its spec: what already fits stays as it is. When it fails, whatever runs goes on running, and no
 * `applied.json` says that it is whole. Data is never removed.
 */
export async function apply(host: Host, spec: LiveSpec, { specHash, signal }: ApplyOptions): Promise<void> {
  const paths = projectPaths(host.paths, spec.ref);
  try {
    // an engine that hangs is told at once, before anything is touched
    const found = await containersOf(host, spec.ref, signal);
    await refuseForeignParts(host, spec.ref, signal);
    await host.stack.ensure(signal);
    const stack = render(spec, await host.stackHost(signal));
    await refuseLostVolumes(host, paths, stack, signal);
    await withFiles('Writing the project', () => forgetApplied(paths.applied));
    const kept = await writeDirectory(paths, stack.files, {
      files: host.files,
      now: host.clock.now,
      onStep: host.onStep,
    });
    if (kept.length > 0)
      host.log.warn('changed by hand and put right', { ref: spec.ref, files: kept, keptIn: paths.drift });
    await prepareContainers(host, { spec, stack, paths, found, signal });
    await bringUp(host, { spec, stack, paths, found, signal });
    host.onStep('stack up');
    await noteStart(paths, spec, stack);
    await openEdge(host, spec, stack, paths, signal);
    await withFiles('Writing the project', async () =>
      writeApplied(paths.applied, await appliedOf(host, spec, specHash, stack, signal)),
    );
    host.onStep('applied written');
  } catch (error) {
    signal.throwIfAborted();
    throw withoutSecrets(await explainFailure(host, spec.ref, error, signal), spec);
  }
}

/** What the next change has to know of this start, whatever becomes of the rest of it. */
async function noteStart(paths: ProjectPaths, { restarts }: LiveSpec, { volumes }: RenderedStack): Promise<void> {
  await withFiles('Writing the project', async () => {
    const ledger = await readLedger(paths.ledger);
    await writeLedger(paths.ledger, { ...ledger, volumes, restarts, remake: false });
  });
}

async function appliedOf(
  host: Host,
  spec: LiveSpec,
  specHash: string,
  stack: RenderedStack,
  signal: AbortSignal,
): Promise<Applied> {
  const containers = await containersOf(host, spec.ref, signal);
  const services = stack.services.map(({ name, hash, image, address, port }) => {
    const made = containers.find(({ service, isOneOff }) => service === name && !isOneOff);
    return [name, { hash, configHash: made?.configHash ?? null, image, address, port }];
  });
  return {
    specHash,
    generation: spec.generation,
    network: stack.network.name,
    services: Object.fromEntries(services),
  };
}

function withoutSecrets(error: unknown, { secrets }: LiveSpec): unknown {
  if (!(error instanceof RuntimeFailure)) return error;
  const clean = redact(error.message, secrets).replaceAll(encodeURIComponent(secrets.dbPassword), '***');
  return clean === error.message ? error : new RuntimeFailure(clean, { cause: error });
}
