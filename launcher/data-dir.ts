import { access, constants, mkdir } from 'node:fs/promises';
import { StartFailure } from './failure.ts';

/** Makes the data directory where there is none. A StartFailure says why it cannot be used. */
export async function makeDataDir(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o711 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new StartFailure(`The data directory ${path} cannot be used (${code}). Choose another one with DATA_DIR.`);
  }
}
