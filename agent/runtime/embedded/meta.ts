import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { ServiceReport } from '../../../schema/agent-protocol.ts';
import type { Clock, Log } from '../../deps.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { removeTree } from '../file-tree.ts';
import { type Child, type Identity, startChild } from './child.ts';
import { toFile } from './child-output.ts';
import { makeDirectory } from './directories.ts';
import { mayRead, mayUse } from './identity.ts';
import type { HostPaths } from './paths.ts';

/** The one postgres-meta of a host. */
export type Meta = {
  /** Where it listens; starts it when it does not run. */
  start(): Promise<{ socketPath: string }>;
  /** What its process does right now, and why it ended or did not start. */
  status(): Pick<ServiceReport, 'status' | 'error'>;
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

type MetaDeps = { clock: Clock; log: Log; randomBytes(size: number): Uint8Array };

/** postgres-meta ends a query a moment after Postgres itself should have, so that Postgres's own error is what is seen. */
const queryGraceMs = 5_000;
const startTimeoutMs = 30_000;
/** one that ended sooner is only started again by the next request */
const soundAfterMs = 10_000;

/** One child for all projects, started on first need; again after it died, at the latest by the next request. */
export function createMeta(options: MetaOptions, deps: MetaDeps): Meta {
  const directory = join(options.paths.sockets, 'meta');
  const address = { socketPath: join(directory, 's') };
  let starting: Promise<void> | null = null;
  let latest: Child | null = null;
  let listens = false;
  let failure: string | null = null;
  let closed = false;

  const isUp = () => listens && latest?.isAlive() === true;

  async function launch(): Promise<void> {
    listens = false;
    const identity = await chooseUser(options, deps.log);
    // a socket file that a dead one left would be in the way
    await removeTree(directory);
    await makeDirectory(directory, 0o700, identity);
    const child = await startMeta(options, { ...address, identity, log: deps.log, key: newKey(deps) });
    latest = child;
    if (closed) await child.stop([]);
    await listening(child);
    listens = true;
    failure = null;
    const since = deps.clock.now();
    child.exited.then(({ code, signal }) => {
      if (closed) return;
      failure = `postgres-meta ended (${signal ?? code}); the host's pg_meta log says more`;
      deps.log.warn('postgres-meta ended', { code, signal });
      if (deps.clock.now() - since >= soundAfterMs) start().catch(() => undefined); // `status` tells why not
    });
  }

  async function start(): Promise<{ socketPath: string }> {
    if (closed) throw new RuntimeFailure('This host is shutting down');
    if (isUp()) return address;
    starting ??= launch()
      .catch((error: unknown) => {
        failure = error instanceof RuntimeFailure ? error.message : 'postgres-meta cannot be started';
        throw error;
      })
      .finally(() => {
        starting = null;
      });
    await starting;
    return address;
  }

  return {
    start,
    status() {
      if (isUp()) return { status: 'healthy', error: null };
      if (starting !== null) return { status: 'starting', error: null };
      return failure === null ? { status: 'stopped', error: null } : { status: 'unhealthy', error: failure };
    },
    async close() {
      closed = true;
      await latest?.stop([{ signal: 'SIGTERM', waitMs: 2_000 }]);
      await starting?.catch(() => undefined); // whoever asked for it was told
      await removeTree(directory);
    },
  };
}

/** It runs no code of users. Where the services' user cannot read the package, it stays with the agent's own user. */
async function chooseUser({ identity, node, entry, packageHome }: MetaOptions, log: Log): Promise<Identity> {
  if (identity === null) return null;
  const home = await packageHome();
  const can = (await mayUse(node, identity)) && (await mayRead(entry, identity)) && (await mayUse(home, identity));
  if (can) return identity;
  log.warn("postgres-meta runs as the agent's own user: the services' user cannot read its program", {
    user: identity.name,
    node,
    entry,
    package: home,
  });
  return null;
}

type MetaStart = { socketPath: string; identity: Identity; log: Log; key: string };

function startMeta(options: MetaOptions, { socketPath, identity, log, key }: MetaStart): Promise<Child> {
  return startChild({
    root: options.paths.root,
    ref: null,
    service: 'pg_meta',
    command: options.node,
    arguments: ['--max-old-space-size=512', '--disable-warning=ExperimentalWarning', options.entry],
    environment: {
      CRYPTO_KEY: key,
      META_SOCKET: socketPath,
      NODE_ENV: 'production',
      PG_CONN_TIMEOUT_SECS: '10',
      PG_QUERY_TIMEOUT_SECS: String(Math.ceil((options.queryTimeoutMs + queryGraceMs) / 1000)),
      PG_META_MAX_BODY_LIMIT_MB: '2',
      PG_META_MAX_RESULT_SIZE_MB: '64',
    },
    identity,
    workingDirectory: identity === null ? dirname(options.entry) : '/',
    output: toFile(join(options.paths.logs, 'pg_meta.log'), log),
    channel: true,
  });
}

function newKey({ randomBytes }: MetaDeps): string {
  return Buffer.from(randomBytes(32)).toString('hex');
}

const announcement = z.object({ listening: z.literal(true) });

/** Resolves once the child says that it listens; one that does not say so in time is ended. */
function listening(child: Child): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail('did not start in time'), startTimeoutMs);
    function fail(reason: string): void {
      clearTimeout(timer);
      child.process.kill('SIGKILL');
      reject(new RuntimeFailure(`postgres-meta ${reason}; the host's pg_meta log says more`));
    }
    child.process.once('message', (message) => {
      clearTimeout(timer);
      if (announcement.safeParse(message).success) resolve();
      else fail('does not listen');
    });
    child.exited.then(() => fail('ended right after its start'));
  });
}
