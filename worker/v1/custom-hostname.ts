import { createRoute } from '@hono/zod-openapi';
import { AppError } from '../errors.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { findProject } from '../projects/find.ts';

const get = createRoute({
  method: 'get',
  path: '/projects/{ref}/custom-hostname',
  request: { params: refParams },
  responses: { 404: { description: 'The project has no host name of its own' } },
});

/** Host names of a project's own, of which there are none (`/v1/projects/{ref}/custom-hostname`). */
export const customHostname = createRouter().openapi(get, async (c) => {
  await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
  // by these words Studio knows that none is set up
  throw new AppError('not_found', 'This project has no custom hostname configuration');
});
