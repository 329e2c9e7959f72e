import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { Copy } from './recipe.ts';
import { Trouble } from './trouble.ts';

const manifest = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/** What no program reads; thousands of files, and each costs time to pack. */
const leaveOut = /\.(?:map|md|d\.[cm]?ts|flow)$|\/(?:umd|esm-browser|docs|test|tests)$/;

/**
 * The directories of npm packages and of all they need at run time, each once, and where they lie below `target` as
 * they lie below the `node_modules` of `root`.
 */
export async function packageClosure(root: string, names: string[], target: string): Promise<Copy[]> {
  const found = new Map<string, Copy>();
  async function visit(name: string, from: string, isOptional: boolean): Promise<void> {
    const home = locate(name, from, root);
    if (home === null) {
      if (isOptional) return;
      throw new Trouble(`The package ${name} is missing: \`npm ci\` installs it`);
    }
    if (found.has(home)) return;
    const { version, dependencies, optionalDependencies } = manifest.parse(
      JSON.parse(await readFile(join(home, 'package.json'), 'utf8')),
    );
    found.set(home, { source: await realpath(home), target: join(target, relative(root, home)), version, leaveOut });
    for (const dependency of Object.keys(dependencies)) {
      await visit(dependency, home, dependency in optionalDependencies);
    }
    for (const dependency of Object.keys(optionalDependencies)) await visit(dependency, home, true);
  }
  for (const name of names) await visit(name, root, false);
  // a package within another one comes along with it
  const homes = [...found.keys()];
  return [...found].filter(([home]) => !homes.some((other) => home.startsWith(`${other}/`))).map(([, copy]) => copy);
}

/** As Node looks for it: in each `node_modules` from here up to the root's. */
function locate(name: string, from: string, root: string): string | null {
  for (let directory = from; directory.startsWith(root); directory = dirname(directory)) {
    const home = join(directory, 'node_modules', name);
    if (existsSync(join(home, 'package.json'))) return home;
  }
  return null;
}
