import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A script of the README, as it stands there. */
export async function walkthrough(name: string): Promise<string> {
  const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
  const block = new RegExp(`<!-- walkthrough:${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  if (block === undefined) throw new Error(`the README has no walkthrough called ${name}`);
  return block;
}
