import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RuntimeFailure } from '../../runtime-failure.ts';
import type { Identity } from './child.ts';

/**
 * Whom the services run as. Postgres refuses root, so root gives way to the owner of existing data, else to `postgres`,
 * else to `nobody`; anyone else stays what they are (null).
 */
export async function chooseIdentity(projects: string): Promise<Identity> {
  if (process.getuid?.() !== 0) return null;
  const users = await systemUsers();
  const owner = await dataOwner(projects);
  const chosen =
    users.find((user) => user.uid === owner && user.uid !== 0) ??
    users.find((user) => user.name === 'postgres') ??
    users.find((user) => user.name === 'nobody');
  if (chosen === undefined) {
    throw new RuntimeFailure(
      'Postgres does not run as root, and this system has no user `postgres` or `nobody`: add one',
    );
  }
  return chosen;
}

/** Whether the identity may pass through every directory down to `path`, and use it: read and enter or execute. */
export async function isReachable(path: string, identity: Identity): Promise<boolean> {
  if (identity === null) return true;
  const [read, execute] = [4, 1];
  if (!(await allows(path, identity, read | execute))) return false;
  for (let parent = dirname(path); ; parent = dirname(parent)) {
    if (!(await allows(parent, identity, execute))) return false;
    if (parent === dirname(parent)) return true;
  }
}

/** Whether the identity may pass through every directory down to and including this one. */
export async function isTraversable(directory: string, identity: Identity): Promise<boolean> {
  if (identity === null) return true;
  for (let current = directory; ; current = dirname(current)) {
    if (!(await allows(current, identity, 1))) return false;
    if (current === dirname(current)) return true;
  }
}

async function allows(path: string, identity: NonNullable<Identity>, wanted: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const shift = uid === identity.uid ? 6 : gid === identity.gid ? 3 : 0;
  return ((mode >> shift) & wanted) === wanted;
}

async function systemUsers(): Promise<NonNullable<Identity>[]> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  return lines
    .map(([name = '', , uid = '', gid = '']) => ({
      name,
      uid: Number.parseInt(uid, 10),
      gid: Number.parseInt(gid, 10),
    }))
    .filter((user) => user.name !== '' && Number.isInteger(user.uid) && Number.isInteger(user.gid));
}

async function dataOwner(projects: string): Promise<number | null> {
  const names = await readdir(projects).catch(emptyWhenAbsent);
  for (const name of names) {
    const data = await stat(join(projects, name, 'data')).catch(nullWhenAbsent);
    if (data !== null) return data.uid;
  }
  return null;
}

function emptyWhenAbsent(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

function nullWhenAbsent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
