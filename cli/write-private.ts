import { open, rename, rm } from 'node:fs/promises';
import { exitCodes } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

/** Puts a file with mode 0600 in place of what was there, whole or not at all. Throws a `CommandFailure`. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.new`;
  try {
    const file = await open(beside, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(`${path} could not be written: ${reason}`, { exitCode: exitCodes.failed, cause });
  }
}
