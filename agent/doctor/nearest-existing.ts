import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nullWhenAbsent } from '../absence.ts';

/** The path itself, or the nearest directory above it that is there. */
export async function nearestExisting(path: string): Promise<string> {
  const found = await nullWhenAbsent(stat(path));
  const above = dirname(path);
  return found !== null || above === path ? path : nearestExisting(above);
}
