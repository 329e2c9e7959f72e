import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

export type Shipped = {
  /** every file that an entry leads to, relative to the package's directory */
  files: Set<string>;
  /** names of the packages they import */
  packages: Set<string>;
};

/** Follows the imports of built modules from their entries. */
export async function moduleImports(directory: string, entries: string[]): Promise<Shipped> {
  const { metafile } = await build({
    absWorkingDir: directory,
    entryPoints: entries,
    outdir: directory,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  const outside = Object.values(metafile.inputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external, path }) => external === true && !isBuiltin(path));
  return {
    files: new Set(Object.keys(metafile.inputs)),
    packages: new Set(outside.map(({ path }) => packageName(path))),
  };
}

/** Follows the imports of one declaration file. */
export async function declarationImports(directory: string, entry: string): Promise<Shipped> {
  const shipped: Shipped = { files: new Set(), packages: new Set() };
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (shipped.files.has(file)) continue;
    shipped.files.add(file);
    for (const specifier of declarationSpecifiers(await readFile(join(directory, file), 'utf8'))) {
      if (specifier.startsWith('.')) {
        const target = relative(directory, join(directory, dirname(file), specifier));
        open.push(target.replace(/\.js$/, '.d.ts'));
      } else if (!isBuiltin(specifier)) shipped.packages.add(packageName(specifier));
    }
  }
  return shipped;
}

function declarationSpecifiers(text: string): string[] {
  const found = text.matchAll(/\bfrom ['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)|^import ['"]([^'"]+)['"]/gm);
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function packageName(specifier: string): string {
  const [first = '', second] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
