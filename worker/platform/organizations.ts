import { createRoute, z } from '@hono/zod-openapi';
import { requireMember } from '../access/require-member.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { createOrganization } from '../organizations/create.ts';
import { listOrganizations, type Organization } from '../organizations/list.ts';
import { givenName } from '../projects/name.ts';
import { slugParams } from './project-wire.ts';

const list = createRoute({
  method: 'get',
  path: '/organizations',
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(1000).default(1000),
      offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
    }),
  },
  responses: { 200: { description: 'Organizations of the account' } },
});

const create = createRoute({
  method: 'post',
  path: '/organizations',
  request: {
    body: { required: true, content: { 'application/json': { schema: z.object({ name: givenName }) } } },
  },
  responses: { 201: { description: 'The account is the Owner of a new organization' } },
});

const get = createRoute({
  method: 'get',
  path: '/organizations/{slug}',
  request: { params: slugParams },
  responses: { 200: { description: 'The organization' } },
});

/** Organizations (`/platform/organizations`). */
export const organizations = createRouter()
  .openapi(list, async (c) => {
    return c.json((await listOrganizations(ctxOf(c), c.req.valid('query'))).map(toWire), 200);
  })
  .openapi(create, async (c) => {
    const { name } = c.req.valid('json');
    return c.json(toWire(await createOrganization(ctxOf(c), { name })), 201);
  })
  .openapi(get, async (c) => {
    const { organization } = await requireMember(ctxOf(c), c.req.valid('param').slug, 'organization:read');
    return c.json({ ...commonToWire(organization), has_oriole_project: false }, 200);
  });

function toWire(organization: Pick<Organization, 'id' | 'slug' | 'name' | 'role'>) {
  return {
    ...commonToWire(organization),
    is_owner: organization.role === 'Owner',
    organization_missing_address: false,
    organization_missing_tax_id: false,
    organization_requires_mfa: false,
    stripe_customer_id: null,
    subscription_id: null,
  };
}

/** Nothing is billed or restricted here, which Studio knows as the largest plan. */
function commonToWire({ id, slug, name }: Pick<Organization, 'id' | 'slug' | 'name'>) {
  return {
    id,
    slug,
    name,
    billing_email: null,
    billing_partner: null,
    opt_in_tags: [],
    plan: { id: 'enterprise' as const, name: 'Enterprise' },
    restriction_data: null,
    restriction_status: null,
    usage_billing_enabled: true,
  };
}
