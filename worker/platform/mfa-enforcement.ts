import { createRoute, z } from '@hono/zod-openapi';
import { requireMember } from '../access/require-member.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { slugParams } from '../http/wire/params.ts';
import { enforceMfa } from '../organizations/enforce-mfa.ts';

const wire = z.object({ enforced: z.boolean() });

const get = createRoute({
  method: 'get',
  path: '/organizations/{slug}/members/mfa/enforcement',
  request: { params: slugParams },
  responses: { 201: answer(wire, 'Whether members are let in with a second factor only') },
});

const set = createRoute({
  method: 'patch',
  path: '/organizations/{slug}/members/mfa/enforcement',
  request: { params: slugParams, body: { required: true, content: { 'application/json': { schema: wire } } } },
  responses: { 201: answer(wire, 'It is so from now on') },
});

/** The second factor an organization asks for (`…/members/mfa/enforcement`); both answer 201 in Studio's contract. */
export const mfaEnforcement = createRouter()
  .openapi(get, async (c) => {
    const { organization } = await requireMember(ctxOf(c), c.req.valid('param').slug, 'organization:read');
    return c.json({ enforced: organization.requiresMfa }, 201);
  })
  .openapi(set, async (c) => {
    const { enforced } = c.req.valid('json');
    await enforceMfa(ctxOf(c), { slug: c.req.valid('param').slug, enforced });
    return c.json({ enforced }, 201);
  });
