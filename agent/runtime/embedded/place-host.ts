import { createHash } from 'node:crypto';
import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { exists, namesIn } from '../file-tree.ts';
import type { Identity } from './child.ts';
import { chooseIdentity, isTraversable } from './identity.ts';
import { type HostPaths, hostPaths } from './paths.ts';

type PlacedHost = {
  paths: HostPaths;
  identity: Identity;
  /** where binaries and data went when the services' user cannot reach the directory asked for; null: they lie there */
  relocated: string | null;
};

type PlaceOptions = {
  /** the directory asked for */
  root: string;
  /** where hosts go whose directory the services' user cannot reach */
  systemRoot: string;
  /** a directory for sockets when the root's path is too long for them */
  temporary: string;
};

/**
 * Decides as whom the services run and where their files lie, and makes those directories. Rejects with a RuntimeFailure
 * on systems the pinned binaries do not run on.
 */
export async function placeHost(options: PlaceOptions): Promise<PlacedHost> {
  await refuseOtherSystems();
  await mkdir(options.root, { recursive: true, mode: 0o711 });
  const asked = await realpath(options.root);
  const elsewhere = join(options.systemRoot, digest(asked));
  const identity = await chooseIdentity(join(asked, 'projects'));
  const stays = !(await hasProjects(elsewhere)) && (await isTraversable(asked, identity));
  const root = stays ? asked : elsewhere;
  refuseShellCharacters(root);
  const chosen = stays ? identity : await chooseIdentity(join(root, 'projects'));
  const sockets =
    join(root, 'run').length <= longestSocketRoot ? join(root, 'run') : socketsElsewhere(options.temporary, root);
  const paths = hostPaths(root, sockets);
  await makeDirectories(paths);
  if (!(await isTraversable(paths.projects, chosen)) || !(await isTraversable(paths.sockets, chosen))) {
    throw new RuntimeFailure(
      `The user ${chosen?.name} that runs Postgres cannot reach ${root}: give it the right to enter`,
    );
  }
  return { paths, identity: chosen, relocated: stays ? null : root };
}

/** initdb runs its own programs through a shell, in double quotes; the configuration is read line by line. */
function refuseShellCharacters(path: string): void {
  if (!/["$`\\\n\r]/.test(path)) return;
  throw new RuntimeFailure(
    `Postgres's initdb cannot work below ${JSON.stringify(path)}: choose a directory without ", $, \`, \\ and line breaks`,
  );
}

/** A socket's path has 107 bytes: `/<ref>/.s.PGSQL.<port>` takes 36 of them. */
const longestSocketRoot = 107 - 36;

function socketsElsewhere(temporary: string, root: string): string {
  return join(temporary, `supafleet-${digest(root)}`);
}

async function makeDirectories(paths: HostPaths): Promise<void> {
  for (const directory of [paths.root, paths.binaries, paths.templates, paths.projects, paths.sockets]) {
    await mkdir(directory, { recursive: true, mode: 0o711 });
    const { uid } = await stat(directory);
    // A directory below a shared one could have been put there by someone else.
    if (uid !== process.getuid?.())
      throw new RuntimeFailure(`${directory} belongs to another user: remove it or pick another`);
    // mkdir's mode is cut by the umask; the services' user must be able to pass through.
    await chmod(directory, 0o711);
  }
  await mkdir(paths.logs, { recursive: true, mode: 0o700 });
}

async function hasProjects(root: string): Promise<boolean> {
  return (await namesIn(join(root, 'projects'))).length > 0;
}

async function refuseOtherSystems(): Promise<void> {
  const needed =
    'The embedded runtime needs Linux on x64 with glibc (its Postgres, PostgREST and Deno are built for it)';
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new RuntimeFailure(`${needed}; this is ${process.platform} on ${process.arch}. Use the compose runtime.`);
  }
  if (!(await exists(glibcLoader))) {
    throw new RuntimeFailure(`${needed}; this system has another C library. Use the compose runtime.`);
  }
}

/** What the kernel loads those binaries with. */
const glibcLoader = '/lib64/ld-linux-x86-64.so.2';

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
