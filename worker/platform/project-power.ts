import { createRoute, z } from '@hono/zod-openapi';
import { answer, emptyList } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { findProject, type Project } from '../projects/find.ts';
import { isoTime } from '../projects/iso-time.ts';
import { databaseVersion } from '../projects/releases.ts';
import { setPower } from '../projects/set-power.ts';
import {
  availableVersion,
  availableVersionsWire,
  postgresEngine,
  projectSummary,
  projectSummaryWire,
} from './project-wire.ts';

const pause = createRoute({
  method: 'post',
  path: '/projects/{ref}/pause',
  request: { params: refParams },
  responses: { 201: { description: 'The project is being paused' } },
});

const pauseWire = z.object({
  can_restore: z.boolean(),
  last_paused_on: z.string().nullable(),
  latest_downloadable_backup_id: z.null(),
  max_days_till_restore_disabled: z.number(),
  remaining_days_till_restore_disabled: z.null(),
});
const pauseStatus = createRoute({
  method: 'get',
  path: '/projects/{ref}/pause/status',
  request: { params: refParams },
  responses: { 200: answer(pauseWire, 'Whether a paused project can be restored; there is no time limit') },
});

const restoreBody = z.object({ postgres_engine: postgresEngine.optional() });
const restore = createRoute({
  method: 'post',
  path: '/projects/{ref}/restore',
  request: { params: refParams, body: { content: { 'application/json': { schema: restoreBody } } } },
  responses: {
    200: answer(projectSummaryWire.extend({ back_ups: emptyList }), 'The project is being restored'),
  },
});

const restoreVersions = createRoute({
  method: 'get',
  path: '/projects/{ref}/restore/versions',
  request: { params: refParams },
  responses: { 200: answer(availableVersionsWire, 'Versions of Postgres to restore to') },
});

const restart = createRoute({
  method: 'post',
  path: '/projects/{ref}/restart',
  request: { params: refParams },
  responses: { 201: { description: 'The project is being restarted' } },
});

/** A stack is restarted whole; which of its services were asked for makes no difference. */
const restartServicesBody = z.object({
  restartRequest: z.object({
    region: z.string().max(64).optional(),
    services: z.array(z.string().max(64)).max(50).optional(),
  }),
});
const restartServices = createRoute({
  method: 'post',
  path: '/projects/{ref}/restart-services',
  request: { params: refParams, body: { content: { 'application/json': { schema: restartServicesBody } } } },
  responses: { 201: { description: 'The project is being restarted' } },
});

/** Pause, restore and restart (`/platform/projects/{ref}/…`). */
export const projectPower = createRouter()
  .openapi(pause, async (c) => {
    await setPower(ctxOf(c), { ref: c.req.valid('param').ref, verb: 'pause' });
    return c.body(null, 201);
  })
  .openapi(pauseStatus, async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json(pauseToWire(project), 200);
  })
  .openapi(restore, async (c) => {
    const project = await setPower(ctxOf(c), { ref: c.req.valid('param').ref, verb: 'restore' });
    return c.json({ ...projectSummary(project), back_ups: [] }, 200);
  })
  .openapi(restoreVersions, async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json(availableVersion(project.postgresVersion, databaseVersion(project)), 200);
  })
  .openapi(restart, async (c) => {
    await setPower(ctxOf(c), { ref: c.req.valid('param').ref, verb: 'restart' });
    return c.body(null, 201);
  })
  .openapi(restartServices, async (c) => {
    await setPower(ctxOf(c), { ref: c.req.valid('param').ref, verb: 'restart' });
    return c.body(null, 201);
  });

function pauseToWire(project: Project): z.infer<typeof pauseWire> {
  return {
    can_restore: project.power === 'paused',
    last_paused_on: project.power === 'paused' ? isoTime(project.changedAt) : null,
    latest_downloadable_backup_id: null,
    // a number is required; nothing is counted here, so nothing remains
    max_days_till_restore_disabled: 0,
    remaining_days_till_restore_disabled: null,
  };
}
