import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hostFacts } from '../schema/agent-protocol.ts';
import { hostId } from '../schema/ids.ts';
import { nullWhenAbsent } from './absence.ts';
import { hostKey } from './keys.ts';
import { RuntimeFailure } from './runtime-failure.ts';
import { syncDirectory, writeWhole } from './write-whole.ts';

/** Who this host is to its control plane: all that an agent keeps besides the stacks. */
const hostRecord = z.object({
  url: z.url(),
  /** null: the key was made, but the control plane has not confirmed it yet */
  hostId: hostId.nullable(),
  name: z.string(),
  privateKey: hostKey,
  projectHost: hostFacts.shape.projectHost,
  /** all of it; what projects may get is `projectPorts` of it */
  portRange: hostFacts.shape.portRange,
  /** what it was joined as, so that lost settings are not taken for those of another runtime */
  runtime: hostFacts.shape.runtime.default('embedded'),
});
export type HostRecord = z.infer<typeof hostRecord>;

/**
 * Reads `<directory>/host.json`; null when there is none. Throws on one that is damaged, and a RuntimeFailure when it
 * cannot be read.
 */
export async function readHostFile(directory: string): Promise<HostRecord | null> {
  const text = await readText(pathIn(directory));
  if (text === null) return null;
  const parsed = hostRecord.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  // the file holds the key: say where it is wrong, never what it says
  throw new Error(`${pathIn(directory)} is damaged; restore it from a copy, or remove it and join again as a new host`);
}

/** Writes `<directory>/host.json`, readable by its owner only, whole or not at all. */
export async function writeHostFile(directory: string, record: HostRecord): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o711 });
  await writeWhole(pathIn(directory), `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

/** Forgets who this host is. */
export async function removeHostFile(directory: string): Promise<void> {
  await rm(pathIn(directory), { force: true });
  await syncDirectory(directory);
}

function pathIn(directory: string): string {
  return join(directory, 'host.json');
}

async function readText(path: string): Promise<string | null> {
  try {
    return await nullWhenAbsent(readFile(path, 'utf8'));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new RuntimeFailure(`${path} cannot be read (${code}): run this as the user whose host it is`, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
