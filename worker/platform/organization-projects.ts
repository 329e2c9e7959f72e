import { createRoute } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import {
  organizationPage,
  organizationProjectsQuery,
  organizationProjectsWire,
  organizationProjects as toWire,
} from '../http/wire/organization-projects.ts';
import { slugParams } from '../http/wire/params.ts';
import { listOrganizationProjects } from '../projects/list.ts';

const list = createRoute({
  method: 'get',
  path: '/organizations/{slug}/projects',
  request: { params: slugParams, query: organizationProjectsQuery },
  responses: {
    200: answer(organizationProjectsWire, 'A page of the organization’s projects with the count of all that match'),
  },
});

/** The projects of an organization (`/platform/organizations/{slug}/projects`). */
export const organizationProjects = createRouter().openapi(list, async (c) => {
  const page = organizationPage(c.req.valid('query'));
  return c.json(toWire(await listOrganizationProjects(ctxOf(c), c.req.valid('param').slug, page), page), 200);
});
