import type { LiveSpec } from '../../../schema/stack-spec.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import type { RenderedStack } from '../../stack/rendered-stack.ts';
import { retry } from '../retry.ts';
import { metaConnectionString, sealConnection } from './connection-header.ts';
import { databaseOf } from './database.ts';
import { writeEdgeFile } from './edge-file.ts';
import { edgeProjectOf } from './edge-project-of.ts';
import { withFiles } from './file-failure.ts';
import type { Host } from './host.ts';
import type { ProjectPaths } from './paths.ts';
import { probe } from './probe.ts';

/** Lets clients in, and resolves once a request of ours has gone the whole way to the database. */
export async function openEdge(
  host: Host,
  spec: LiveSpec,
  stack: RenderedStack,
  paths: ProjectPaths,
  signal: AbortSignal,
): Promise<void> {
  const db = databaseOf(stack);
  const connection = metaConnectionString({ ...db, dbPassword: spec.secrets.dbPassword });
  const meta = await host.stack.meta();
  const header = sealConnection(connection, meta.key, host.randomBytes(8));
  const project = edgeProjectOf(spec, stack, { host: meta.host, port: meta.port, header });
  await withFiles('Writing the project', () => writeEdgeFile(paths.edge, project));
  host.onStep('edge file written');
  await host.edge.load(signal);
  const refusal = host.edge.refusal(spec.ref);
  if (refusal !== null) throw new RuntimeFailure(refusal);
  host.onStep('edge loaded');
  host.databases.set(spec.ref, { host: db.address, port: db.port });
  await untilProbed(host, spec.ref, signal);
  host.onStep('probed');
}

/** Services may take a moment from being healthy to having read the schema that was just made. */
async function untilProbed(host: Host, ref: string, signal: AbortSignal): Promise<void> {
  let last: unknown = null;
  try {
    await retry(
      () =>
        probe(host, ref, signal).then(
          () => true as const,
          (error: unknown) => {
            last = error;
            return null;
          },
        ),
      { clock: host.clock, signal, timeoutMs: 20_000, everyMs: 50, what: 'The project did not answer' },
    );
  } catch (error) {
    signal.throwIfAborted();
    throw last instanceof RuntimeFailure ? last : error;
  }
}
