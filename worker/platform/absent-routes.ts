import type { OpenAPIHono } from '@hono/zod-openapi';
import { requireAccount } from '../access/require-account.ts';
import { requireMember } from '../access/require-member.ts';
import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { createRouter } from '../http/router.ts';
import { type AppEnv, ctxOf } from '../http/variables.ts';
import { findProject } from '../projects/find.ts';
import { absent } from './absent.ts';

/**
 * The table's rows of one door (`/platform`, `/v1`), each behind the check of the tenant that its path names. They are
 * no part of the published OpenAPI document: that one says what works.
 */
export function absentRoutes(door: string): OpenAPIHono<AppEnv> {
  const router = createRouter();
  for (const { route, answer, until } of absent) {
    const [method = '', path = ''] = route.split(' ');
    if (!path.startsWith(`${door}/`)) continue;
    router.on(method, path.slice(door.length).replaceAll(/\{(\w+)\}/g, ':$1'), async (c) => {
      await requireTenant(ctxOf(c), c.req.param());
      if (answer === null) throw new AppError('not_available', refusalOf(until));
      return c.json(answer.body, answer.status);
    });
  }
  return router;
}

/** Studio and the CLI know one refusal by its words. */
function refusalOf(until: string): string {
  const message = `Not available in this version: ${until}`;
  return until === 'preview branches' ? `Preview branching is not enabled for this project. ${message}` : message;
}

/** A stranger learns nothing from what does not exist yet, not even whether the project or organization does. */
async function requireTenant(ctx: Ctx, named: Record<string, string>): Promise<void> {
  const { ref, slug } = named;
  if (ref !== undefined) await findProject(ctx, ref, 'projects:read');
  else if (slug !== undefined) await requireMember(ctx, slug, 'organization:read');
  else await requireAccount(ctx);
}
