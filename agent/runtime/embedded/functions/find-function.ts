import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nullWhenAbsent } from '../../../absence.ts';

type FoundFunction = { directory: string; entry: string; modifiedMs: number };

/** The function of this name below `directory`; null when there is none. A name never leads out of the directory. */
export async function findFunction(directory: string, slug: string): Promise<FoundFunction | null> {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(slug)) return null;
  for (const name of ['index.ts', 'index.js']) {
    const entry = join(directory, slug, name);
    const facts = await nullWhenAbsent(stat(entry));
    if (!facts?.isFile()) continue;
    const [home, root] = await Promise.all([nullWhenAbsent(realpath(join(directory, slug))), realpath(directory)]);
    if (home === null || home !== join(root, slug)) return null;
    return { directory: home, entry: join(home, name), modifiedMs: facts.mtimeMs };
  }
  return null;
}
