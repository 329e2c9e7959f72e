import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { nameBody, wholeList } from '../http/wire/named.ts';
import { createOrganization } from '../organizations/create.ts';
import { listOrganizations, type Organization } from '../organizations/list.ts';

const organizationWire = z.object({ id: z.string(), slug: z.string(), name: z.string() });

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

/** Organizations (`/v1/organizations`), as the CLI lists and creates them. */
export const v1Organizations = createRouter()
  .openapi(list, async (c) => c.json((await listOrganizations(ctxOf(c), c.req.valid('query'))).map(toWire), 200))
  .openapi(create, async (c) => c.json(toWire(await createOrganization(ctxOf(c), c.req.valid('json'))), 201));

/** `id` is an older name of the slug. */
function toWire({ slug, name }: Organization): z.infer<typeof organizationWire> {
  return { id: slug, slug, name };
}
