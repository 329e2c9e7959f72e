import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { isAbsence, nullWhenAbsent } from '../../absence.ts';
import { reasonOf } from './file-failure.ts';

/** What stands at a path. `other`: no plain file, or one that cannot be read. */
export type FileState =
  | { kind: 'absent' }
  | { kind: 'file'; hash: string; mode: number }
  | { kind: 'other'; because: string };

/** Nothing the agent writes comes near; somebody else's file is not to fill its memory. */
const largestBytes = 4_194_304n;

/** Looks at files; one that did not change since the last look is not read again. */
export type FileReader = { look(path: string): Promise<FileState>; forget(prefix: string): void };

export function createFileReader(): FileReader {
  const known = new Map<string, { signature: string; hash: string }>();

  async function look(path: string): Promise<FileState> {
    const stat = await lookUp(path);
    if (stat === null) return { kind: 'absent' };
    if (!stat.isFile()) return { kind: 'other', because: stat.isSymbolicLink() ? 'is a link' : 'is no file' };
    if (stat.size > largestBytes) return { kind: 'other', because: 'is far too large' };
    const signature = [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
    const mode = Number(stat.mode & 0o777n);
    const memo = known.get(path);
    if (memo?.signature === signature) return { kind: 'file', hash: memo.hash, mode };
    try {
      const hash = hashOf(await readFile(path));
      known.set(path, { signature, hash });
      return { kind: 'file', hash, mode };
    } catch (error) {
      if (isAbsence(error)) return { kind: 'absent' };
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return { kind: 'other', because: `cannot be read: ${reasonOf(code)}` };
    }
  }

  return {
    look,
    forget(prefix) {
      for (const path of known.keys()) if (path.startsWith(prefix)) known.delete(path);
    },
  };
}

/** SHA-256, hex. */
export function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Something that is no directory on the way means that there is nothing of this name. */
async function lookUp(path: string) {
  try {
    return await nullWhenAbsent(lstat(path, { bigint: true }));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return null;
    throw error;
  }
}
