import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { LiveSpec } from '../../../schema/stack-spec.ts';
import { portOffsets } from '../../../schema/stack-spec.ts';
import type { Clock, Log } from '../../deps.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { type Child, type Identity, startChild } from './child.ts';
import { isReachable } from './identity.ts';
import type { HostPaths } from './paths.ts';

/** The one postgres-meta of a host. */
export type Meta = {
  /** Where it listens; starts it when it does not run. */
  start(): Promise<{ host: string; port: number }>;
  close(): Promise<void>;
};

type MetaOptions = {
  paths: HostPaths;
  identity: Identity;
  node: string;
  /** the program to run: `meta-server.ts` or what a build made of it */
  entry: string;
  /** where the npm package lies, to see whether the services' user can read it */
  packageHome(): Promise<string>;
  queryTimeoutMs: number;
};

/** postgres-meta ends a query a moment after Postgres itself should have, so that Postgres's own error is what is seen. */
const queryGraceMs = 5_000;
const startTimeoutMs = 30_000;

/** One child for all projects, started on first need, again after it died. */
export function createMeta(
  options: MetaOptions,
  deps: { clock: Clock; log: Log; randomBytes(size: number): Uint8Array },
): Meta {
  let starting: Promise<number> | null = null;
  let running: { child: Child; port: number } | null = null;
  let latest: Child | null = null;
  let closed = false;

  async function launch(): Promise<number> {
    const child = await startMeta(options, Buffer.from(deps.randomBytes(32)).toString('hex'));
    latest = child;
    if (closed) await child.stop([]);
    const port = await listening(child);
    running = { child, port };
    child.exited.then(({ code, signal }) => {
      if (!closed) deps.log.warn('postgres-meta ended', { code, signal });
    });
    return port;
  }

  return {
    async start() {
      if (closed) throw new RuntimeFailure('This host is shutting down');
      if (running?.child.isAlive()) return { host: '127.0.0.1', port: running.port };
      starting ??= launch().finally(() => {
        starting = null;
      });
      return { host: '127.0.0.1', port: await starting };
    },
    async close() {
      closed = true;
      await latest?.stop([{ signal: 'SIGTERM', waitMs: 2_000 }]);
      await starting?.catch(() => undefined); // whoever asked for it was told
    },
  };
}

/** The connection string that a project's gateway sends along: `postgres`, no superuser, with a limit on each statement. */
export function metaConnectionString(spec: LiveSpec, queryTimeoutMs: number): string {
  const password = encodeURIComponent(spec.secrets.dbPassword);
  const port = spec.firstPort + portOffsets.postgres;
  return `postgresql://postgres:${password}@127.0.0.1:${port}/postgres?sslmode=disable&statement_timeout=${queryTimeoutMs}`;
}

async function startMeta(options: MetaOptions, key: string): Promise<Child> {
  const readable =
    (await isReachable(options.node, options.identity)) &&
    (await isReachable(options.entry, options.identity)) &&
    (await isReachable(await options.packageHome(), options.identity));
  return startChild({
    root: options.paths.root,
    ref: null,
    service: 'pg_meta',
    command: options.node,
    arguments: ['--max-old-space-size=512', '--disable-warning=ExperimentalWarning', options.entry],
    environment: {
      CRYPTO_KEY: key,
      NODE_ENV: 'production',
      PG_CONN_TIMEOUT_SECS: '10',
      PG_QUERY_TIMEOUT_SECS: String(Math.ceil((options.queryTimeoutMs + queryGraceMs) / 1000)),
      PG_META_MAX_BODY_LIMIT_MB: '2',
      PG_META_MAX_RESULT_SIZE_MB: '64',
    },
    // It runs no code of users. Where the services' user cannot read the package, it stays with the agent's own user.
    identity: readable ? options.identity : null,
    workingDirectory: readable ? '/' : dirname(options.entry),
    logFile: join(options.paths.logs, 'pg_meta.log'),
    channel: true,
  });
}

const announcement = z.object({ port: z.int() });

/** The port the child says it listens on; one that does not say so in time is ended. */
function listening(child: Child): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail('did not start in time'), startTimeoutMs);
    function fail(reason: string): void {
      clearTimeout(timer);
      child.process.kill('SIGKILL');
      reject(new RuntimeFailure(`postgres-meta ${reason}; the host's pg_meta log says more`));
    }
    child.process.once('message', (message) => {
      clearTimeout(timer);
      const said = announcement.safeParse(message);
      if (said.success) resolve(said.data.port);
      else fail('does not listen');
    });
    child.exited.then(() => fail('ended right after its start'));
  });
}
