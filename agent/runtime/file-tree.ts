import { access, readdir, rm } from 'node:fs/promises';
import { nullWhenAbsent } from '../absence.ts';

/** Removes a directory and all below it; one that is not there is fine. */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/** Names in a directory; none when there is no such directory. */
export async function namesIn(path: string): Promise<string[]> {
  return (await nullWhenAbsent(readdir(path))) ?? [];
}

/** Whether there is anything of this name. */
export async function exists(path: string): Promise<boolean> {
  return (await nullWhenAbsent(access(path).then(() => true))) ?? false;
}
