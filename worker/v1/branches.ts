import { createRoute } from '@hono/zod-openapi';
import { answer, emptyList } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { findProject } from '../projects/find.ts';

const list = createRoute({
  method: 'get',
  path: '/projects/{ref}/branches',
  request: { params: refParams },
  responses: { 200: answer(emptyList, 'None: there are no preview branches') },
});

/** Preview branches of a project, of which there are none (`/v1/projects/{ref}/branches`). */
export const branches = createRouter().openapi(list, async (c) => {
  await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
  return c.json([], 200);
});
