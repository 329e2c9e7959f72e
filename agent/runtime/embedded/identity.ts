import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nullWhenAbsent } from '../../absence.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { namesIn } from '../file-tree.ts';
import type { Identity } from './child.ts';
import { refOfEntry } from './paths.ts';

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

const [read, execute] = [4, 1];

/** Whether the identity may read this file: pass through every directory above it, and open it. */
export async function mayRead(file: string, identity: Identity): Promise<boolean> {
  return reaches(file, identity, read);
}

/** Whether the identity may start this program, or list this directory and open what is in it. */
export async function mayUse(path: string, identity: Identity): Promise<boolean> {
  return reaches(path, identity, read | execute);
}

/** Whether the identity may pass through every directory down to and including this one. */
export async function isTraversable(directory: string, identity: Identity): Promise<boolean> {
  return reaches(directory, identity, execute);
}

async function reaches(path: string, identity: Identity, wanted: number): Promise<boolean> {
  if (identity === null) return true;
  if (!(await allows(path, identity, wanted))) return false;
  return path === dirname(path) || reaches(dirname(path), identity, execute);
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
  const names = (await namesIn(projects)).filter((name) => refOfEntry(name) !== null);
  for (const name of names) {
    const data = await nullWhenAbsent(stat(join(projects, name, 'data')));
    if (data !== null) return data.uid;
  }
  return null;
}
