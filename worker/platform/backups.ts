import { createRoute, z } from '@hono/zod-openapi';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { findProject } from '../projects/find.ts';

const list = createRoute({
  method: 'get',
  path: '/database/{ref}/backups',
  request: { params: z.object({ ref: z.string() }) },
  responses: { 200: { description: 'No backup is taken yet' } },
});

/** Backups of a project's database: none are taken, and the answer says just that. */
export const backups = createRouter().openapi(list, async (c) => {
  const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
  return c.json(
    { backups: [], physicalBackupData: {}, pitr_enabled: false, walg_enabled: false, region: project.region },
    200,
  );
});
