import { createRoute, z } from '@hono/zod-openapi';
import { answer, emptyList } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { findProject } from '../projects/find.ts';

const backupsWire = z.object({
  backups: emptyList,
  physicalBackupData: z.object({}),
  pitr_enabled: z.boolean(),
  walg_enabled: z.boolean(),
  region: z.string(),
});

const list = createRoute({
  method: 'get',
  path: '/database/{ref}/backups',
  request: { params: refParams },
  responses: { 200: answer(backupsWire, 'No backup is taken yet') },
});

/** Backups of a project's database: none are taken, and the answer says just that. */
export const backups = createRouter().openapi(list, async (c) => {
  const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
  return c.json(
    { backups: [], physicalBackupData: {}, pitr_enabled: false, walg_enabled: false, region: project.region },
    200,
  );
});
