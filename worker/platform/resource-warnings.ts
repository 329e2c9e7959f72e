import { createRoute, z } from '@hono/zod-openapi';
import { requireAccount } from '../access/require-account.ts';
import { requireMember } from '../access/require-member.ts';
import { answer, emptyList } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { findProject } from '../projects/find.ts';

const list = createRoute({
  method: 'get',
  path: '/projects-resource-warnings',
  request: { query: z.object({ ref: z.string().max(100).optional(), slug: z.string().max(100).optional() }) },
  responses: { 200: answer(emptyList, 'Nothing is measured yet, so nothing is warned of') },
});

/** Warnings of scarce resources, of a project or of an organization's projects. */
export const resourceWarnings = createRouter().openapi(list, async (c) => {
  const { ref, slug } = c.req.valid('query');
  const ctx = ctxOf(c);
  if (ref !== undefined) await findProject(ctx, ref, 'projects:read');
  else if (slug !== undefined) await requireMember(ctx, slug, 'organization:read');
  else await requireAccount(ctx);
  return c.json([], 200);
});
