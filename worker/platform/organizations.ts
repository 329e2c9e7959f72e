import { createRoute, z } from '@hono/zod-openapi';
import { requireMember } from '../access/require-member.ts';
import { answer, emptyList } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { nameBody, wholeList } from '../http/wire/named.ts';
import { slugParams } from '../http/wire/params.ts';
import { createOrganization } from '../organizations/create.ts';
import { listOrganizations, type Organization } from '../organizations/list.ts';

/** Nothing is billed or restricted here, which Studio knows as the largest plan. */
const commonWire = z.object({
  id: z.number(),
  slug: z.string(),
  name: z.string(),
  billing_email: z.null(),
  billing_partner: z.null(),
  opt_in_tags: emptyList,
  plan: z.object({ id: z.literal('enterprise'), name: z.string() }),
  restriction_data: z.null(),
  restriction_status: z.null(),
  usage_billing_enabled: z.boolean(),
});
const organizationWire = commonWire.extend({
  is_owner: z.boolean(),
  organization_missing_address: z.boolean(),
  organization_missing_tax_id: z.boolean(),
  organization_requires_mfa: z.boolean(),
  stripe_customer_id: z.null(),
  subscription_id: z.null(),
});

const list = createRoute({
  method: 'get',
  path: '/organizations',
  request: { query: wholeList },
  responses: { 200: answer(z.array(organizationWire), 'Organizations of the account') },
});

const create = createRoute({
  method: 'post',
  path: '/organizations',
  request: { body: nameBody },
  responses: { 201: answer(organizationWire, 'The account is the Owner of a new organization') },
});

const get = createRoute({
  method: 'get',
  path: '/organizations/{slug}',
  request: { params: slugParams },
  responses: { 200: answer(commonWire.extend({ has_oriole_project: z.boolean() }), 'The organization') },
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

function toWire(organization: Pick<Organization, 'id' | 'slug' | 'name' | 'role'>): z.infer<typeof organizationWire> {
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

function commonToWire({ id, slug, name }: Pick<Organization, 'id' | 'slug' | 'name'>): z.infer<typeof commonWire> {
  return {
    id,
    slug,
    name,
    billing_email: null,
    billing_partner: null,
    opt_in_tags: [],
    plan: { id: 'enterprise', name: 'Enterprise' },
    restriction_data: null,
    restriction_status: null,
    usage_billing_enabled: true,
  };
}
