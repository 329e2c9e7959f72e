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
  await syncDirectory(dirname(path));
}

/** Makes a rename or a new name in a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
