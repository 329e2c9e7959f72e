import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { takeFromLaterSuite } from './later-suite.ts';
import type { Recipe } from './recipe.ts';

/**
 * Caddy, from the program that `caddy` names or else from a later suite of Debian, once: it is kept in `directory`.
 */
export async function edgeRecipe(caddy: string | undefined, directory: string): Promise<Recipe> {
  const program = caddy || (await downloaded(directory));
  return {
    name: 'edge',
    parent: 'base',
    copies: [{ source: program, target: '/usr/bin/caddy', version: await hashOf(program) }],
    complete: (root) => chmod(join(root, 'usr/bin/caddy'), 0o755),
    config: ['ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data', 'WORKDIR /srv', 'CMD ["caddy", "run"]'],
  };
}

async function downloaded(directory: string): Promise<string> {
  const program = join(directory, 'caddy');
  const isThere = await stat(program).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    await mkdir(directory, { recursive: true });
    await takeFromLaterSuite('caddy', 'usr/bin/caddy', program, directory);
  }
  return program;
}

async function hashOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}
