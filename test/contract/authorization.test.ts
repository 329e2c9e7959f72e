import { beforeAll, describe, expect, test } from 'vitest';
import { type Action, type Role, roles } from '../../schema/roles.ts';
import { absent } from '../../worker/platform/absent.ts';
import { can } from '../../worker/policy.ts';
import { openDoors, routes } from '../../worker/routes.ts';
import { assignProject, createOrganization, createPerson, type Person } from '../support/people.ts';
import { type Answer, send } from '../support/requests.ts';
import { describedRoutes } from '../support/routes.ts';
import { createSeededApp, newProject, observeHealthy, pause, type Seeded } from '../support/seeded.ts';

type Given = { ref: string; slug: string };
type Row = {
  action: Action;
  query?: string;
  body?: (given: Given) => unknown;
  setUp?: 'paused' | 'older release' | 'another organization' | 'another member' | 'an invitation' | 'a key';
};
/** What else a path names. */
type Named = { slug: string; gotrue_id: string; id: string };

const name = () => ({ name: `Name ${Math.random()}` });
const sql = () => ({ query: 'select 1' });

/** What each route of an organization or a project is, to the policy, and what it has to be asked to get that far. */
const rows: Record<string, Row> = {
  'GET /platform/organizations/{slug}': { action: 'organization:read' },
  'GET /platform/organizations/{slug}/audit': { action: 'audit:read' },
  'PATCH /platform/organizations/{slug}': { action: 'organization:update', body: name },
  'DELETE /platform/organizations/{slug}': { action: 'organization:delete', setUp: 'another organization' },
  'GET /platform/organizations/{slug}/members': { action: 'members:read' },
  'PATCH /platform/organizations/{slug}/members/{gotrue_id}': {
    action: 'members:manage',
    body: () => ({ role_id: 3 }),
    setUp: 'another member',
  },
  'DELETE /platform/organizations/{slug}/members/{gotrue_id}': { action: 'members:manage', setUp: 'another member' },
  'PUT /platform/organizations/{slug}/members/{gotrue_id}/roles/{role_id}': {
    action: 'members:manage',
    body: () => ({ name: 'Developer', role_scoped_projects: [] }),
    setUp: 'another member',
  },
  'DELETE /platform/organizations/{slug}/members/{gotrue_id}/roles/{role_id}': {
    action: 'members:manage',
    setUp: 'another member',
  },
  'GET /platform/organizations/{slug}/roles': { action: 'members:read' },
  'GET /platform/organizations/{slug}/members/invitations': { action: 'members:read' },
  'POST /platform/organizations/{slug}/members/invitations': {
    action: 'members:manage',
    body: () => ({ email: `${Math.random()}@example.com`, role_id: 4 }),
  },
  'DELETE /platform/organizations/{slug}/members/invitations/{id}': {
    action: 'members:manage',
    setUp: 'an invitation',
  },
  'GET /platform/organizations/{slug}/members/mfa/enforcement': { action: 'organization:read' },
  'PATCH /platform/organizations/{slug}/members/mfa/enforcement': {
    action: 'organization:enforce-mfa',
    body: () => ({ enforced: false }),
  },
  'GET /platform/projects/{ref}/members': { action: 'members:read' },
  'GET /v1/organizations/{slug}': { action: 'organization:read' },
  'GET /v1/organizations/{slug}/members': { action: 'members:read' },
  'GET /v1/organizations/{slug}/projects': { action: 'projects:read' },
  'GET /v1/organizations/{slug}/entitlements': { action: 'organization:read' },
  'GET /platform/organizations/{slug}/projects': { action: 'projects:read' },
  'GET /platform/organizations/{slug}/entitlements': { action: 'organization:read' },
  'GET /platform/organizations/{slug}/billing/subscription': { action: 'organization:read' },
  'GET /platform/organizations/{slug}/billing/invoices': { action: 'organization:read' },
  'GET /platform/organizations/{slug}/billing/invoices/upcoming': { action: 'organization:read' },
  'GET /platform/organizations/{slug}/members/reached-free-project-limit': { action: 'organization:read' },
  'GET /platform/organizations/{slug}/sso': { action: 'organization:read' },
  'POST /platform/organizations/{slug}/available-versions': {
    action: 'projects:read',
    body: () => ({ provider: 'AWS', region: 'us-east-1' }),
  },
  'GET /platform/projects/available-regions': {
    action: 'projects:read',
    query: 'cloud_provider=AWS&organization_slug={slug}',
  },
  'GET /v1/projects/available-regions': { action: 'projects:read', query: 'organization_slug={slug}' },
  'POST /platform/projects': { action: 'projects:create', body: ({ slug }) => newProject(slug, name().name) },
  'POST /v1/projects': {
    action: 'projects:create',
    body: ({ slug }) => ({ organization_slug: slug, ...name(), db_pass: 'correct horse', region: 'us-east-1' }),
  },
  'GET /platform/projects-resource-warnings': { action: 'projects:read', query: 'ref={ref}' },
  'GET /platform/projects/{ref}': { action: 'projects:read' },
  'PATCH /platform/projects/{ref}': { action: 'projects:update', body: name },
  'DELETE /platform/projects/{ref}': { action: 'projects:delete' },
  'GET /platform/projects/{ref}/status': { action: 'projects:read' },
  'POST /platform/projects/{ref}/pause': { action: 'projects:power' },
  'GET /platform/projects/{ref}/pause/status': { action: 'projects:read' },
  'POST /platform/projects/{ref}/restore': { action: 'projects:power', body: () => ({}), setUp: 'paused' },
  'GET /platform/projects/{ref}/restore/versions': { action: 'projects:read' },
  'POST /platform/projects/{ref}/restart': { action: 'projects:power' },
  'POST /platform/projects/{ref}/restart-services': {
    action: 'projects:power',
    body: () => ({ restartRequest: { region: 'us-east-1', services: ['postgresql'] } }),
  },
  'GET /platform/projects/{ref}/settings': { action: 'projects:read' },
  'GET /platform/projects/{ref}/databases': { action: 'projects:read' },
  'GET /platform/projects/{ref}/databases-statuses': { action: 'projects:read' },
  'GET /platform/projects/{ref}/load-balancers': { action: 'projects:read' },
  'GET /platform/projects/{ref}/service-versions': { action: 'projects:read' },
  'GET /platform/projects/{ref}/billing/addons': { action: 'projects:read' },
  'POST /platform/projects/{ref}/billing/addons': {
    action: 'projects:update',
    body: () => ({ addon_type: 'compute_instance', addon_variant: 'ci_small' }),
  },
  'DELETE /platform/projects/{ref}/billing/addons/{addon_variant}': { action: 'projects:update' },
  'GET /platform/projects/{ref}/config/postgrest': { action: 'projects:read' },
  'GET /platform/projects/{ref}/run-lints': { action: 'sql:read' },
  'GET /platform/projects/{ref}/api/rest': { action: 'projects:read' },
  'POST /platform/projects/{ref}/api/graphql': { action: 'sql:write', body: () => ({ query: '{ __typename }' }) },
  'POST /platform/pg-meta/{ref}/query': { action: 'sql:write', body: sql },
  ...Object.fromEntries(
    [
      'column-privileges',
      'extensions',
      'foreign-tables',
      'materialized-views',
      'policies',
      'publications',
      'tables',
      'triggers',
      'types',
      'views',
    ].map((what) => [`GET /platform/pg-meta/{ref}/${what}`, { action: 'sql:read' } as const]),
  ),
  'GET /v1/projects/{ref}': { action: 'projects:read' },
  'PATCH /v1/projects/{ref}': { action: 'projects:update', body: name },
  'DELETE /v1/projects/{ref}': { action: 'projects:delete' },
  'POST /v1/projects/{ref}/pause': { action: 'projects:power' },
  'POST /v1/projects/{ref}/restore': { action: 'projects:power', setUp: 'paused' },
  'GET /v1/projects/{ref}/billing/addons': { action: 'projects:read' },
  'PATCH /v1/projects/{ref}/billing/addons': {
    action: 'projects:update',
    body: () => ({ addon_type: 'compute_instance', addon_variant: 'ci_small' }),
  },
  'DELETE /v1/projects/{ref}/billing/addons/{addon_variant}': { action: 'projects:update' },
  'GET /v1/projects/{ref}/upgrade/eligibility': { action: 'projects:read' },
  'GET /v1/projects/{ref}/upgrade/status': { action: 'projects:read' },
  'POST /v1/projects/{ref}/upgrade': {
    action: 'projects:update',
    body: () => ({ target_version: '17' }),
    setUp: 'older release',
  },
  'GET /v1/projects/{ref}/api-keys': { action: 'secrets:read', query: 'reveal=true' },
  'GET /v1/projects/{ref}/api-keys/legacy': { action: 'projects:read' },
  'GET /v1/projects/{ref}/api-keys/{id}': { action: 'secrets:read', query: 'reveal=true', setUp: 'a key' },
  'GET /v1/projects/{ref}/health': { action: 'projects:read', query: 'services=db' },
  'GET /v1/projects/{ref}/branches': { action: 'projects:read' },
  'GET /v1/projects/{ref}/custom-hostname': { action: 'projects:read' },
  'POST /v1/projects/{ref}/database/query': { action: 'sql:write', body: sql },
  'POST /trpc/projects.create': { action: 'projects:create', body: ({ slug }) => ({ organization: slug, ...name() }) },
  'POST /trpc/projects.rename': { action: 'projects:update', body: ({ ref }) => ({ ref, ...name() }) },
  'POST /trpc/projects.pause': { action: 'projects:power', body: ({ ref }) => ({ ref }) },
  'POST /trpc/projects.restore': { action: 'projects:power', body: ({ ref }) => ({ ref }), setUp: 'paused' },
  'POST /trpc/projects.restart': { action: 'projects:power', body: ({ ref }) => ({ ref }) },
  'POST /trpc/projects.resize': { action: 'projects:update', body: ({ ref }) => ({ ref, size: 'large' }) },
  'POST /trpc/projects.setProfile': { action: 'projects:update', body: ({ ref }) => ({ ref, profile: 'full' }) },
  'POST /trpc/projects.upgrade': {
    action: 'projects:update',
    body: ({ ref }) => ({ ref }),
    setUp: 'older release',
  },
  'POST /trpc/projects.remove': { action: 'projects:delete', body: ({ ref }) => ({ ref }) },
  'GET /trpc/projects.get': { action: 'projects:read', query: 'input={"ref":"{ref}"}' },
  'GET /trpc/projects.list': { action: 'projects:read', query: 'input={"organization":"{slug}"}' },
  'GET /trpc/projects.apiKeys': { action: 'secrets:read', query: 'input={"ref":"{ref}","reveal":true}' },
  'GET /trpc/organizations.get': { action: 'organization:read', query: 'input={"slug":"{slug}"}' },
  'POST /trpc/organizations.rename': { action: 'organization:update', body: ({ slug }) => ({ slug, ...name() }) },
  'GET /trpc/members.list': { action: 'members:read', query: 'input={"organization":"{slug}"}' },
  'POST /trpc/members.invite': {
    action: 'members:manage',
    body: ({ slug }) => ({ organization: slug, email: `${Math.random()}@example.com`, role: 'Read-only' }),
  },
  'GET /trpc/invitations.list': { action: 'members:read', query: 'input={"organization":"{slug}"}' },
  'GET /trpc/audit.list': { action: 'audit:read', query: 'input={"organization":"{slug}"}' },
};

/** Of no organization, or refusing by what they list: everyone who is signed in may ask. */
const everyones = new Set([
  'GET /platform/organizations',
  'POST /platform/organizations',
  'GET /platform/profile',
  'POST /platform/profile',
  'GET /platform/profile/audit',
  'PATCH /platform/profile',
  'PUT /platform/update-email',
  'POST /platform/profile/audit-login',
  'POST /platform/cli/login',
  'GET /platform/profile/permissions',
  'GET /platform/notifications',
  'PATCH /platform/notifications',
  'PATCH /platform/notifications/archive-all',
  'GET /platform/notifications/summary',
  // whoever holds the link may ask what it is worth, and only the invited may use it
  'GET /platform/organizations/{slug}/members/invitations/{token}',
  'POST /platform/organizations/{slug}/members/invitations/{token}',
  'GET /platform/profile/access-tokens',
  'POST /platform/profile/access-tokens',
  'GET /platform/profile/access-tokens/{id}',
  'DELETE /platform/profile/access-tokens/{id}',
  'GET /platform/profile/scoped-access-tokens',
  'POST /platform/profile/scoped-access-tokens',
  'GET /platform/profile/scoped-access-tokens/{id}',
  'DELETE /platform/profile/scoped-access-tokens/{id}',
  'GET /platform/projects',
  'GET /v1/organizations',
  'GET /v1/profile',
  'POST /v1/organizations',
  'GET /v1/projects',
]);

/** Whether it is asked about a project, by its path, its query or its body. */
function isOfProject(route: string, { query = '', body }: Row): boolean {
  const asked = [route, query, JSON.stringify(body?.({ ref: '{ref}', slug: '{slug}' }) ?? '')];
  return asked.some((text) => text.includes('{ref}'));
}

const everyRole = roles.map(({ name }) => name);

describe('what the policy says of a role holds', () => {
  let t: Seeded;
  let members: Record<Role, Person>;
  /** members by their roles in `existing`, who have none elsewhere */
  let scoped: Record<Role, Person>;
  /** where the members are, and the stranger is not */
  let slug: string;
  let existing: string;
  /** beside `existing`, in the same organization */
  let other: string;

  beforeAll(async () => {
    t = await createSeededApp();
    const created = await Promise.all(everyRole.map(async (role) => ({ role, person: await createPerson(t) })));
    members = Object.fromEntries(created.map(({ role, person }) => [role, person])) as Record<Role, Person>;
    ({ slug } = await createOrganization(t, created));
    existing = await healthyProject();
    other = await healthyProject();
    const assigned = await Promise.all(everyRole.map(async (role) => ({ role, person: await createPerson(t) })));
    scoped = Object.fromEntries(assigned.map(({ role, person }) => [role, person])) as Record<Role, Person>;
    for (const { role, person } of assigned) await assignProject(t, { person, slug, ref: existing, role });
  });

  const healthyProject = async (): Promise<string> => {
    const { body } = await send(
      t,
      members.Owner,
      'POST',
      '/v1/projects',
      rows['POST /v1/projects']?.body?.({ ref: '', slug }),
    );
    const { ref } = body as { ref: string };
    await observeHealthy(t, ref);
    return ref;
  };
  const ask = (
    person: Person | null,
    route: string,
    row: Row,
    ref: string,
    { slug: organization = slug, ...names }: Partial<Named> = {},
  ): Promise<Answer> => {
    const [method = '', path = ''] = route.split(' ');
    const known: Record<string, string> = {
      ...{ ref, slug: organization, addon_variant: 'ci_micro', role_id: '4', id: '1', gotrue_id: 'nobody' },
      ...names,
    };
    const named = (text: string) => text.replaceAll(/\{(\w+)\}/g, (all, name: string) => known[name] ?? all);
    const query = row.query === undefined ? '' : `?${encodeURI(named(row.query))}`;
    return send(t, person, method, `${named(path)}${query}`, row.body?.({ ref, slug: organization }));
  };
  /** What a row is tried on besides a project. */
  const namesFor = async ({ setUp }: Row): Promise<Partial<Named>> => {
    if (setUp === 'another organization') {
      const made = await createOrganization(
        t,
        everyRole.map((role) => ({ role, person: members[role] })),
      );
      return { slug: made.slug };
    }
    if (setUp === 'another member') {
      const { accountId } = await createPerson(t);
      await t.client.execute({
        sql: `insert into memberships (organization_id, account_id, role, created_at)
              select id, ?, 'Developer', 0 from organizations where slug = ?`,
        args: [accountId, slug],
      });
      return { gotrue_id: accountId };
    }
    if (setUp === 'a key') {
      const { rows: keys } = await t.client.execute({
        sql: 'select id from api_keys where ref = ?',
        args: [existing],
      });
      return { id: String(keys[0]?.id) };
    }
    if (setUp !== 'an invitation') return {};
    const { lastInsertRowid } = await t.client.execute({
      sql: `insert into invitations (organization_id, email, role, token_hash, invited_by, created_at, expires_at)
            select id, hex(randomblob(8)), 'Developer', hex(randomblob(8)), '', 0, 0 from organizations where slug = ?`,
      args: [slug],
    });
    return { id: String(lastInsertRowid) };
  };
  const stateOf = async (ref: string) => {
    const { rows: found } = await t.client.execute({
      sql: `select name, power, generation, (select count(*) from projects as all_of_them
                                             where organization_id = projects.organization_id) as count
            from projects where ref = ?`,
      args: [ref],
    });
    return JSON.stringify(found);
  };

  test('for every route there is', () => {
    const described = describedRoutes([...openDoors(), ...routes()]).map(({ name }) => name);
    const concerned = described.filter((route) => /^\w+ \/(platform|v1)\//.test(route));
    const open = /\/platform\/(telemetry|signup|reset-password|cli\/login\/)/;
    expect(concerned.filter((route) => !(route in rows) && !everyones.has(route) && !open.test(route))).toEqual([]);
    const known = new Set(described);
    expect(Object.keys(rows).filter((route) => !known.has(route) && !route.includes('/trpc/'))).toEqual([]);
    expect(absent.filter(({ route }) => route in rows)).toEqual([]);
  });

  describe.each(Object.entries(rows))('%s', (route, row) => {
    const refused = everyRole.filter((role) => !can(role, row.action));
    const allowed = everyRole.filter((role) => can(role, row.action));

    test(`refuses ${[...refused, 'strangers and nobody'].join(', ')}, and changes nothing`, async () => {
      const names = await namesFor(row);
      const before = await stateOf(existing);
      t.asked.length = 0;
      for (const role of refused) {
        const { status, body } = await ask(members[role], route, row, existing, names);
        expect([role, status], JSON.stringify(body)).toEqual([role, 403]);
      }
      expect((await ask(t.stranger, route, row, existing, names)).status).toBe(404);
      expect((await ask(null, route, row, existing, names)).status).toBe(401);
      expect(t.asked, 'nothing went to the project').toEqual([]);
      expect(await stateOf(existing)).toBe(before);
    });

    test(`lets ${allowed.join(', ')} in`, async () => {
      for (const role of allowed) {
        const ref = await prepared(route, row);
        expectLetIn(route, role, await ask(members[role], route, row, ref, await namesFor(row)));
      }
    });

    test('finds nothing of another organization for members of this one', async () => {
      for (const role of everyRole) {
        const { status } = await ask(members[role], route, row, t.ref, { slug: t.organization.slug });
        expect([role, status]).toEqual([role, 404]);
      }
    });

    test('holds for members of single projects, who find no other and only look at the organization', async () => {
      for (const role of everyRole) {
        const ref = await prepared(route, row);
        if (ref !== existing) await assignProject(t, { person: scoped[role], slug, ref, role });
        const { slug: _, ...names } = await namesFor(row);
        const answer = await ask(scoped[role], route, row, ref, names);
        const ofProject = isOfProject(route, row);
        if (can(ofProject ? role : 'Project-scoped', row.action)) expectLetIn(route, role, answer);
        else expect([role, answer.status], JSON.stringify(answer.body)).toEqual([role, 403]);
        if (ofProject) expect([role, (await ask(scoped[role], route, row, other)).status]).toEqual([role, 404]);
      }
    });
  });

  const expectLetIn = (route: string, role: Role, { status, body }: Answer) => {
    const said = JSON.stringify(body);
    // there is none, and who is told so was let in
    if (route.endsWith('/custom-hostname')) expect(said).toContain('no custom hostname');
    else if (route.endsWith('/sso')) expect(said).toContain('SSO Provider');
    else expect([role, status < 300], said).toEqual([role, true]);
  };
  /** A project to ask about: one of its own where that changes it. */
  const prepared = async (route: string, row: Row): Promise<string> => {
    const changes = !route.startsWith('GET') && row.action.startsWith('projects:');
    const ref = changes ? await healthyProject() : existing;
    if (row.setUp === 'paused') await pause(t, ref);
    if (row.setUp === 'older release') await onOlderRelease(ref);
    return ref;
  };
  const onOlderRelease = async (ref: string) => {
    await t.client.batch(
      [
        { sql: "update projects set release = '2026.06' where ref = ?", args: [ref] },
        {
          sql: "update hosts set runtime = 'compose' where id = (select host_id from projects where ref = ?)",
          args: [ref],
        },
      ],
      'write',
    );
  };
});
