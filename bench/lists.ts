import { type Client, createClient } from '@libsql/client/web';
import { unsealedChain } from '../test/support/chain.ts';
import { migrationSql } from '../test/support/global-setup.ts';
import { startSqld } from '../test/support/sqld.ts';
import type { Credential } from '../worker/deps.ts';
import { openDatabase } from '../worker/store/db.ts';
import { createStores, type Stores } from '../worker/store/stores.ts';
import { median, type Row } from './table.ts';

const sizes = { small: { projects: 10, members: 10 }, large: { projects: 100_000, members: 10_000 } };
type Size = keyof typeof sizes;
const rounds = 300;
const now = 1_800_000_000_000;

/** What lists cost in an organization of 100,000 projects and 10,000 members, by what they cost in one of ten each. */
export async function measureLists(): Promise<Row[]> {
  const sqld = await startSqld();
  const client = createClient({ url: sqld.url });
  try {
    await client.executeMultiple(await migrationSql());
    await seed(client, 'small');
    await seed(client, 'large');
    const lists = listsOf(createStores(openDatabase(client, unsealedChain)));
    const rows: Row[] = [];
    for (const [what, list] of Object.entries(lists)) {
      const { small, large } = await taken(list);
      rows.push({
        what: `${what}: large / small, p50`,
        value: `${(large / small).toFixed(2)}  (${large.toFixed(1)} / ${small.toFixed(1)} ms)`,
        goal: '<= 1.3',
      });
    }
    return rows;
  } finally {
    client.close();
    await sqld.stop();
  }
}

type List = (credential: Credential, slug: string) => Promise<unknown>;

function listsOf(stores: Stores): Record<string, List> {
  const page = { limit: 100, offset: 0, sort: 'name_asc', search: '', statuses: null } as const;
  const times = { now, lostAfterMs: 60_000, verifiedWithinMs: 30_000 };
  return {
    'GET /platform/organizations': (credential) =>
      stores.organizations.organizations(credential, { limit: 100, offset: 0 }, now),
    'GET /platform/profile/permissions': (credential) => stores.accounts.ownMemberships(credential, now),
    'GET /platform/projects': (credential) => stores.projectLists.projects(credential, { ...page, limit: 10 }, times),
    'GET /platform/organizations/{slug}/projects': (credential, slug) =>
      stores.projectLists.projectsOf(credential, slug, { ...page, limit: 10 }, times),
  };
}

/** In turns, so that what else the machine does falls on both. */
async function taken(list: List): Promise<Record<Size, number>> {
  const found: Record<Size, number[]> = { small: [], large: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const size of ['small', 'large'] as const) {
      const started = performance.now();
      await list({ kind: 'session', id: `session-${size}-1` }, size);
      found[size].push(performance.now() - started);
    }
  }
  return { small: median(found.small), large: median(found.large) };
}

async function seed(client: Client, size: Size): Promise<void> {
  const { projects, members } = sizes[size];
  const count = (until: number) =>
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${until}) `;
  const id = size === 'small' ? 1 : 2;
  await client.batch(
    [
      `insert into hosts (id, name, region, public_key, runtime, agent_version, project_host, first_port, last_port,
                          enrolled_at, reported_at)
       values ('host-${size}', 'host-${size}', 'local', 'k', 'embedded', '0', 'localhost', 1, 2, ${now}, ${now})`,
      `insert into organizations (id, slug, name, created_at) values (${id}, '${size}', '${size}', ${now})`,
      `${count(members)} insert into accounts (id, number, email, username, created_at, email_confirmed_at)
       select '${size}-' || i, ${id} * 1000000 + i, '${size}' || i || '@example.com', 'u', ${now}, ${now} from n`,
      `insert into sessions (id, account_id, aal, created_at, refreshed_at, expires_at)
       values ('session-${size}-1', '${size}-1', 'aal1', ${now}, ${now}, ${now + 86_400_000})`,
      `${count(members)} insert into memberships (organization_id, account_id, role, created_at)
       select ${id}, '${size}-' || i, case i when 1 then 'Owner' else 'Developer' end, ${now} from n`,
      `${count(projects)} insert into projects (ref, organization_id, name, cloud_provider, region, size, postgres_version,
                                                host_id, power, change, generation, rest, created_at, changed_at)
       select '${size}-' || i, ${id}, 'project ' || i, 'AWS', 'us-east-1', 'micro', '17', 'host-${size}', 'running',
              'create', 1, '{}', ${now}, ${now} from n`,
    ],
    'write',
  );
}
