import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from './child.ts';

/** Makes a directory with exactly this mode, for the services' user when `owner` is one. Existing ones are set right. */
export async function makeDirectory(path: string, mode: number, owner: Identity): Promise<void> {
  await mkdir(path, { recursive: true, mode });
  await chmod(path, mode);
  if (owner !== null) await chown(path, owner.uid, owner.gid);
}

/** Writes configuration files that the services' user reads and only the agent writes. */
export async function writeConfig(directory: string, files: Record<string, string>): Promise<void> {
  await makeDirectory(directory, 0o755, null);
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(directory, name), text, { mode: 0o644 });
    await chmod(join(directory, name), 0o644);
  }
}
