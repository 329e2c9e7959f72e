import { createRoute } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { nameBody, shortProject, shortProjectWire } from '../http/wire/named.ts';
import { refParams } from '../http/wire/params.ts';
import { findProject } from '../projects/find.ts';
import { renameProject } from '../projects/rename.ts';
import { setPower } from '../projects/set-power.ts';
import { projectWithDatabaseToWire, projectWithDatabaseWire } from './project-wire.ts';

const path = '/projects/{ref}';

const get = createRoute({
  method: 'get',
  path,
  request: { params: refParams },
  responses: { 200: answer(projectWithDatabaseWire, 'The project') },
});

const rename = createRoute({
  method: 'patch',
  path,
  request: { params: refParams, body: nameBody },
  responses: { 200: answer(shortProjectWire, 'The project has the name') },
});

const remove = createRoute({
  method: 'delete',
  path,
  request: { params: refParams },
  responses: { 200: answer(shortProjectWire, 'The project is going') },
});

const pause = createRoute({
  method: 'post',
  path: `${path}/pause`,
  request: { params: refParams },
  responses: { 200: { description: 'The project is being paused' } },
});

const restore = createRoute({
  method: 'post',
  path: `${path}/restore`,
  request: { params: refParams },
  responses: { 200: { description: 'The project is being restored' } },
});

/** One project (`/v1/projects/{ref}`), as the CLI asks. */
export const v1Project = createRouter()
  .openapi(get, async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json(projectWithDatabaseToWire(project), 200);
  })
  .openapi(rename, async (c) => {
    const { ref } = c.req.valid('param');
    return c.json(shortProject(await renameProject(ctxOf(c), { ref, ...c.req.valid('json') })), 200);
  })
  .openapi(remove, async (c) => {
    return c.json(shortProject(await setPower(ctxOf(c), { ref: c.req.valid('param').ref, verb: 'remove' })), 200);
  })
  .openapi(pause, async (c) => {
    await setPower(ctxOf(c), { ref: c.req.valid('param').ref, verb: 'pause' });
    return c.body(null, 200);
  })
  .openapi(restore, async (c) => {
    await setPower(ctxOf(c), { ref: c.req.valid('param').ref, verb: 'restore' });
    return c.body(null, 200);
  });
