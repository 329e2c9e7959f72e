import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file so that it is there whole or not at all, also after a power cut. The directory must exist. */
export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const copy = `${path}.incomplete`;
  const file = await open(copy, 'w', mode);
  try {
    // a copy left by a crash keeps the mode it had
    await file.chmod(mode);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(copy, path);
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
