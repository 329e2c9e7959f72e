import { createRoute, z } from '@hono/zod-openapi';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { setPower } from '../projects/set-power.ts';

const params = z.object({ ref: z.string() });

const pause = createRoute({
  method: 'post',
  path: '/projects/{ref}/pause',
  request: { params },
  responses: { 201: { description: 'The project is being paused' } },
});

const restart = createRoute({
  method: 'post',
  path: '/projects/{ref}/restart',
  request: { params },
  responses: { 201: { description: 'The project is being restarted' } },
});

/** Pause and restart (`/platform/projects/{ref}/…`). */
export const projectPower = createRouter()
  .openapi(pause, async (c) => {
    await setPower(ctxOf(c), { ref: c.req.valid('param').ref, verb: 'pause' });
    return c.body(null, 201);
  })
  .openapi(restart, async (c) => {
    await setPower(ctxOf(c), { ref: c.req.valid('param').ref, verb: 'restart' });
    return c.body(null, 201);
  });
