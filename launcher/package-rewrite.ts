/** Declarations name their neighbours as the package has them. */
export function withModuleSpecifiers(declaration: string): string {
  return declaration.replace(/((?:\bfrom |\bimport\()['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2');
}

/** Node 20 prints a warning for every import of a JSON module; it reads the same file without one like this. */
export function withReadManifest(module: string): string {
  return module.replace(
    /^import (\w+) from '(\.[^']+\.json)' with \{ type: 'json' \};$/gm,
    "import { createRequire } from 'node:module';\nconst $1 = createRequire(import.meta.url)('$2');",
  );
}
