/** Declarations name their neighbours as the package has them. */
export function withModuleSpecifiers(declaration: string): string {
  return declaration.replace(/((?:\bfrom |\bimport\()['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2');
}

/** tRPC's declarations name types of a library that a consumer's settings need not include. */
export function withLibraries(declaration: string): string {
  return `/// <reference lib="esnext.disposable" />\n${declaration}`;
}

/** Node 20 prints a warning for every import of a JSON module; it reads the same file without one like this. */
export function withReadManifest(module: string): string {
  return module.replace(
    /^import (\w+) from '(\.[^']+\.json)' with \{ type: 'json' \};$/gm,
    "import { createRequire as requireHere } from 'node:module';\nconst $1 = requireHere(import.meta.url)('$2');",
  );
}
