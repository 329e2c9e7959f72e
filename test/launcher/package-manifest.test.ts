import { describe, expect, test } from 'vitest';
import { packageManifest, sourceManifest } from '../../launcher/package-manifest.ts';
import { withModuleSpecifiers, withReadManifest } from '../../launcher/package-rewrite.ts';
import source from '../../package.json' with { type: 'json' };

describe('the published package', () => {
  const manifest = sourceManifest.parse(source);

  test('depends on what is imported, in the versions that are tested here', () => {
    const built = packageManifest(manifest, new Set(['zod', 'commander']));
    expect(built.dependencies).toEqual({
      commander: manifest.dependencies.commander,
      zod: manifest.dependencies.zod,
    });
  });

  test('cannot be built when its code imports what no install would bring', () => {
    expect(() => packageManifest(manifest, new Set(['left-pad']))).toThrow('left-pad');
    expect(() => packageManifest(manifest, new Set(['vitest']))).toThrow('vitest');
  });

  test('declarations name files that are there', () => {
    const declaration = "import type { A } from './a.ts';\nexport type B = import('../b.ts').B;\nimport 'pg';\n";
    expect(withModuleSpecifiers(declaration)).toBe(
      "import type { A } from './a.js';\nexport type B = import('../b.js').B;\nimport 'pg';\n",
    );
  });

  test('no module imports JSON, of which Node 20 would warn on every start', () => {
    const module =
      "#!/usr/bin/env node\nimport manifest from '../package.json' with { type: 'json' };\nrun(manifest);\n";
    expect(withReadManifest(module)).toBe(
      [
        '#!/usr/bin/env node',
        "import { createRequire as requireHere } from 'node:module';",
        "const manifest = requireHere(import.meta.url)('../package.json');",
        'run(manifest);\n',
      ].join('\n'),
    );
  });
});
