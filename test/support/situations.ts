import type { Person } from './people.ts';
import { send } from './requests.ts';
import { newProject, pause, type Seeded } from './seeded.ts';
import { teamSituations } from './team-situations.ts';

export type Situation = {
  query?: string;
  body?: unknown;
  /** path parameters beside `ref` and `slug` */
  params?: Record<string, string>;
  /** a header of Studio's that changes the answer's shape */
  version?: string;
  /** whoever asks, when that is not the owner */
  as?: Person;
  /** where the right answer is a refusal: its status, and what its message says */
  refused?: { status: number; message: RegExp };
};
/** P-256, uncompressed */
const aPublicKey =
  '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5';

const scopedToken = { name: 'ci', permissions: ['projects_read'] };

export type Given = { seeded: Seeded; ref: string };

/** About an access token that was made for it. */
function madeToken(page: 'access-tokens' | 'scoped-access-tokens'): (given: Given) => Promise<Situation> {
  return async ({ seeded }) => {
    const { body } = await send(seeded, seeded.owner, 'POST', `/platform/profile/${page}`, scopedToken);
    const { id } = body as { id: number | string };
    return { params: { id: String(id) } };
  };
}

/** How Studio asks each operation that is more than a plain GET. */
const situations: Record<string, Situation | ((given: Given) => Situation | Promise<Situation>)> = {
  ...teamSituations,
  'GET /platform/profile': { version: '2' },
  'GET /platform/projects': { version: '2', query: 'limit=100&offset=0&sort=name_asc' },
  'GET /platform/organizations/{slug}/projects': { query: 'limit=96&offset=0&sort=name_asc' },
  'GET /platform/notifications': { version: '2', query: 'offset=0&limit=20&status=new,seen' },
  'GET /platform/integrations/github/connections': { query: 'organization_id=1' },
  'GET /platform/projects-resource-warnings': ({ ref }) => ({ query: `ref=${ref}` }),
  'GET /platform/projects/{ref}/analytics/endpoints/usage.api-counts': { query: 'interval=1hr' },
  'GET /platform/projects/{ref}/content': { query: 'type=report&name=Home&limit=1' },
  'GET /platform/projects/available-regions': ({ seeded }) => ({
    query: `cloud_provider=AWS&organization_slug=${seeded.organization.slug}`,
  }),
  'GET /v1/projects/{ref}/api-keys': { query: 'reveal=true' },
  'GET /v1/projects/{ref}/api-keys/{id}': async ({ seeded, ref }) => {
    const { rows } = await seeded.client.execute({ sql: 'select id from api_keys where ref = ?', args: [ref] });
    return { params: { id: String(rows[0]?.id) }, query: 'reveal=true' };
  },
  'GET /v1/projects/{ref}/health': { query: 'services=auth,realtime,rest,storage,db' },
  'POST /platform/profile': { refused: { status: 409, message: /exists/ } },
  'POST /platform/profile/audit-login': {},
  'POST /platform/signup': {
    body: {
      email: `${crypto.randomUUID()}@example.com`,
      password: 'correct horse battery',
      hcaptchaToken: null,
      redirectTo: 'http://x',
    },
    refused: { status: 422, message: /sign.?up|clos/i },
  },
  'POST /platform/reset-password': {
    body: { email: 'someone@example.com', hcaptchaToken: null, redirectTo: 'http://studio.test/reset-password' },
  },
  'PUT /platform/update-email': {
    body: { newEmail: 'next@example.com', hcaptchaToken: null, redirectTo: 'http://studio.test/account/me' },
  },
  'PATCH /platform/profile': { body: { first_name: 'Kim', last_name: 'Doe' } },
  'POST /platform/cli/login': {
    body: { session_id: crypto.randomUUID(), public_key: aPublicKey, token_name: 'cli_someone@host_1' },
  },
  'POST /platform/profile/access-tokens': { body: { name: 'laptop' } },
  'GET /platform/profile/access-tokens/{id}': madeToken('access-tokens'),
  'DELETE /platform/profile/access-tokens/{id}': madeToken('access-tokens'),
  'POST /platform/profile/scoped-access-tokens': ({ ref }) => ({ body: { ...scopedToken, project_refs: [ref] } }),
  'GET /platform/profile/scoped-access-tokens/{id}': madeToken('scoped-access-tokens'),
  'DELETE /platform/profile/scoped-access-tokens/{id}': madeToken('scoped-access-tokens'),
  'POST /platform/organizations': { body: { name: 'Second', kind: 'PERSONAL', tier: 'tier_free' } },
  'POST /platform/organizations/{slug}/available-versions': { body: { provider: 'AWS', region: 'us-east-1' } },
  'POST /platform/projects': ({ seeded }) => ({ body: newProject(seeded.organization.slug, `N ${Math.random()}`) }),
  'POST /platform/pg-meta/{ref}/query': { query: 'key=migrations', body: { query: 'select 1' } },
  'POST /platform/telemetry/identify': { body: { user_id: 'someone' } },
  'GET /platform/organizations/{slug}/sso': { refused: { status: 404, message: /existing SSO Provider/ } },
  // Studio says of an empty list that backups are taken daily
  'GET /platform/database/{ref}/backups': {
    refused: { status: 404, message: /Not available in this version: backups/ },
  },
  'POST /platform/projects/{ref}/api/graphql': { body: { query: '{ __typename }' } },
  'POST /platform/projects/{ref}/billing/addons': {
    body: { addon_type: 'compute_instance', addon_variant: 'ci_small' },
  },
  'DELETE /platform/projects/{ref}/billing/addons/{addon_variant}': { params: { addon_variant: 'ci_micro' } },
  'POST /platform/projects/{ref}/restore': async ({ seeded, ref }) => {
    await pause(seeded, ref);
    return { body: {} };
  },
  'POST /v1/projects/{ref}/upgrade': {
    body: { target_version: '17' },
    // a Docker host could; what its answer is then has tests of its own
    refused: { status: 409, message: /embedded runtime/ },
  },
  'PATCH /platform/projects/{ref}': () => ({ body: { name: `Renamed ${Math.random()}` } }),
  'GET /v1/projects/{ref}/custom-hostname': {
    refused: { status: 404, message: /custom hostname configuration|not allowed to set up custom domain/ },
  },
};

export type Asked = Situation & { url: string; as: Person };

/** The request by which Studio asks for an operation (`GET /platform/…` as the contract writes it) about that project. */
export async function situationOf(seeded: Seeded, operation: string, ref: string): Promise<Asked> {
  const given = situations[operation] ?? {};
  const situation = typeof given === 'function' ? await given({ seeded, ref }) : given;
  const values: Record<string, string> = { ref, slug: seeded.organization.slug, ...situation.params };
  const path = operation.slice(operation.indexOf(' ') + 1).replaceAll(/\{(\w+)\}/g, (_, name) => values[name] ?? '1');
  return {
    as: seeded.owner,
    ...situation,
    url: situation.query === undefined ? path : `${path}?${situation.query}`,
  };
}
