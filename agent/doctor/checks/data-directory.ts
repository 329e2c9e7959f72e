import { constants } from 'node:fs';
import { access, mkdtemp, rmdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { type Check, failed, ok } from '../check.ts';
import { nearestExisting } from '../nearest-existing.ts';

/** The agent can write where it keeps its key and its projects. */
export const dataDirectoryCheck: Check = {
  name: 'data-directory',
  async run({ subject: { dataDir } }) {
    if (!isAbsolute(dataDir)) return failed(`${dataDir} is no absolute path`, 'Name the data directory from / on.');
    const existing = await nearestExisting(dataDir);
    if (!(await stat(existing)).isDirectory()) return failed(`${existing} is no directory`, elsewhere);
    try {
      await access(existing, constants.W_OK | constants.X_OK);
      // a full or read-only file system lets itself be asked and refuses only what is done
      if (existing === dataDir) await rmdir(await mkdtemp(join(existing, '.check-')));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      return failed(`Nothing can be written in ${existing} (${code})`, elsewhere);
    }
    return ok(existing === dataDir ? dataDir : `${dataDir} will be made`);
  },
};

const elsewhere = 'Run this as root, or name another place with --data-dir.';
