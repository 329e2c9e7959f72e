import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { listProjectMembers } from '../organizations/list-project-members.ts';

const memberWire = z.object({ user_id: z.string(), primary_email: z.string(), username: z.string() });

const list = createRoute({
  method: 'get',
  path: '/projects/{ref}/members',
  request: { params: refParams },
  responses: { 200: answer(z.object({ members: z.array(memberWire) }), 'Who has a role in the project') },
});

/** The people of a project (`/platform/projects/{ref}/members`). */
export const projectMembers = createRouter().openapi(list, async (c) => {
  const found = await listProjectMembers(ctxOf(c), { ref: c.req.valid('param').ref });
  const members = found.map(({ accountId, email, username }) => ({
    user_id: accountId,
    primary_email: email,
    username,
  }));
  return c.json({ members }, 200);
});
