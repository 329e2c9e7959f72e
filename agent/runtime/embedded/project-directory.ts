import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isAbsence } from '../../absence.ts';
import { syncDirectory, writeWhole } from '../../write-whole.ts';
import { exists, removeTree } from '../file-tree.ts';
import { makeDirectory } from './directories.ts';
import type { Host } from './host.ts';
import { type ProjectPaths, projectPaths } from './paths.ts';
import { runTool } from './run-tool.ts';

/** Whether the project has its directory here, whole; half-made and half-removed ones do not count. */
export async function hasProjectDirectory(host: Host, ref: string): Promise<boolean> {
  return exists(projectPaths(host.paths, ref).home);
}

/**
 * Makes the project's directory with a copy of the template when there is none: built aside, on disk before it gets its
 * name. What a failure leaves is for `removeProjectDirectory`.
 */
export async function ensureProjectDirectory(host: Host, ref: string, signal: AbortSignal): Promise<void> {
  const paths = projectPaths(host.paths, ref);
  await removeTree(paths.removing);
  if (!(await exists(paths.home))) {
    const template = await host.template(signal);
    await removeTree(paths.creating);
    await makeDirectory(paths.creating, 0o711, null);
    host.onStep('directory begun');
    const options = { root: host.paths.root, signal };
    await runTool('cp', ['--archive', '--reflink=auto', '--', template, join(paths.creating, 'data')], options);
    await runTool('sync', ['--file-system', paths.creating], options);
    host.onStep('directory copied');
    await rename(paths.creating, paths.home);
    await syncDirectory(host.paths.projects);
    host.onStep('directory named');
  }
  await makeRooms(host, paths);
  host.onStep('rooms made');
}

/** Removes every file of the project; a crash on the way leaves a name that says it was going. */
export async function removeProjectDirectory(host: Host, ref: string): Promise<void> {
  const paths = projectPaths(host.paths, ref);
  await removeTree(paths.creating);
  await removeTree(paths.removing);
  if (await exists(paths.home)) {
    await rename(paths.home, paths.removing);
    await syncDirectory(host.paths.projects);
    host.onStep('directory renamed');
    await removeTree(paths.removing);
  }
  await removeTree(paths.socket);
  host.onStep('directory removed');
}

/** What the project was last brought up with; written last, so its presence says that everything before it worked. */
type Stamp = z.infer<typeof stamp>;
const stamp = z.object({ specHash: z.string(), generation: z.int() });

/** The stamp; null when there is none or it cannot be read. */
export async function readStamp(paths: ProjectPaths): Promise<Stamp | null> {
  try {
    return stamp.parse(JSON.parse(await readFile(paths.stamp, 'utf8')));
  } catch (error) {
    // One that cannot be read vouches for nothing: the project is applied anew, its data stays.
    if (isAbsence(error) || error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** Replaces the stamp, whole or not at all. */
export async function writeStamp(paths: ProjectPaths, value: Stamp): Promise<void> {
  await writeWhole(paths.stamp, JSON.stringify(value), 0o600);
}

async function makeRooms(host: Host, paths: ProjectPaths): Promise<void> {
  await makeDirectory(paths.logs, 0o700, null);
  await makeDirectory(paths.functions, 0o755, null);
  await makeDirectory(paths.functionsCache, 0o700, host.identity);
  await makeDirectory(paths.socket, 0o700, host.identity);
}
