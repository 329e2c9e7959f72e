import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { nullWhenAbsent } from '../../absence.ts';
import { writeWhole } from '../../write-whole.ts';

const appliedShape = z.object({
  specHash: z.string(),
  generation: z.int().nonnegative(),
  network: z.string(),
  services: z.record(
    z.string(),
    z.object({
      hash: z.string(),
      /** Docker Compose's own hash of what was made */
      configHash: z.string().nullable(),
      image: z.string(),
      address: z.string(),
      port: z.int(),
    }),
  ),
});

/** What a stack was brought up whole with. It is removed before the next change and written after it. */
export type Applied = z.infer<typeof appliedShape>;

/** null: never brought up whole, or not since a change began. */
export async function readApplied(path: string): Promise<Applied | null> {
  const text = await nullWhenAbsent(readFile(path, 'utf8'));
  if (text === null) return null;
  try {
    return appliedShape.parse(JSON.parse(text));
  } catch {
    return null; // not whole, or of another version of the agent: the stack is brought up once more
  }
}

export async function writeApplied(path: string, applied: Applied): Promise<void> {
  await writeWhole(path, `${JSON.stringify(applied, null, 2)}\n`, 0o600);
}

export async function forgetApplied(path: string): Promise<void> {
  await rm(path, { force: true });
}
