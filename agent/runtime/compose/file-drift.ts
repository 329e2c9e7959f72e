import { join } from 'node:path';
import type { FileReader } from './file-state.ts';
import type { Ledger } from './ledger.ts';

/** What somebody else did to the agent's own files in a directory, a sentence each; sorted by path. */
export async function fileDrift(home: string, ledger: Ledger, files: FileReader): Promise<string[]> {
  const sentences: string[] = [];
  for (const [path, { hashes, mode }] of Object.entries(ledger.files).sort(([left], [right]) =>
    left < right ? -1 : 1,
  )) {
    const found = await files.look(join(home, path));
    if (found.kind === 'absent') sentences.push(`${path} is missing`);
    else if (found.kind === 'other') sentences.push(`${path} ${found.because}`);
    else if (!hashes.includes(found.hash)) sentences.push(`${path} was changed by hand`);
    else if (found.mode !== mode) sentences.push(`${path} has mode ${octal(found.mode)} instead of ${octal(mode)}`);
  }
  return sentences;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
