import { createRoute, z } from '@hono/zod-openapi';
import { requireMember } from '../access/require-member.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { nameBody, wholeList } from '../http/wire/named.ts';
import { optInTag, optInTagsOf } from '../http/wire/opt-in-tags.ts';
import { slugParams } from '../http/wire/params.ts';
import { createOrganization } from '../organizations/create.ts';
import { deleteOrganization } from '../organizations/delete.ts';
import { listOrganizations, type Organization } from '../organizations/list.ts';
import { updateOrganization } from '../organizations/update.ts';
import { givenName } from '../projects/name.ts';

/** Nothing is billed or restricted here, which Studio knows as the largest plan. */
const commonWire = z.object({
  id: z.number(),
  slug: z.string(),
  name: z.string(),
  billing_email: z.null(),
  billing_partner: z.null(),
  opt_in_tags: z.array(z.string()),
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

/** Studio's bodies may name an address for bills as well: nothing is billed here, so nobody would ever read it. */
const noBills = z
  .undefined('cannot be set: nothing is billed here')
  .optional()
  .openapi({ type: 'null', description: 'not here: nothing is billed' });
const update = createRoute({
  method: 'patch',
  path: '/organizations/{slug}',
  request: {
    params: slugParams,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            name: givenName.optional(),
            opt_in_tags: z.array(optInTag).max(10).optional(),
            billing_email: noBills,
            additional_billing_emails: noBills,
          }),
        },
      },
    },
  },
  responses: {
    200: answer(
      z.object({
        id: z.number(),
        slug: z.string(),
        name: z.string(),
        opt_in_tags: z.array(z.string()),
        stripe_customer_id: z.string(),
      }),
      'The organization as it is now',
    ),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/organizations/{slug}',
  request: { params: slugParams },
  responses: { 200: { description: 'It is gone' } },
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
  })
  .openapi(update, async (c) => {
    const { name, opt_in_tags } = c.req.valid('json');
    const optInTags = opt_in_tags && [...new Set(opt_in_tags)];
    const updated = await updateOrganization(ctxOf(c), { slug: c.req.valid('param').slug, name, optInTags });
    const { id, slug } = updated;
    return c.json({ id, slug, name: updated.name, opt_in_tags: optInTagsOf(updated), stripe_customer_id: '' }, 200);
  })
  .openapi(remove, async (c) => {
    await deleteOrganization(ctxOf(c), c.req.valid('param'));
    return c.body(null, 200);
  });

function toWire(organization: Organization): z.infer<typeof organizationWire> {
  return {
    ...commonToWire(organization),
    is_owner: organization.role === 'Owner',
    organization_missing_address: false,
    organization_missing_tax_id: false,
    organization_requires_mfa: organization.requiresMfa,
    stripe_customer_id: null,
    subscription_id: null,
  };
}

function commonToWire(organization: Organization): z.infer<typeof commonWire> {
  const { id, slug, name } = organization;
  return {
    id,
    slug,
    name,
    billing_email: null,
    billing_partner: null,
    opt_in_tags: optInTagsOf(organization),
    plan: { id: 'enterprise', name: 'Self-hosted' },
    restriction_data: null,
    restriction_status: null,
    usage_billing_enabled: true,
  };
}
