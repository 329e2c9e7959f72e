import { createRoute, z } from '@hono/zod-openapi';
import { requireMember } from '../access/require-member.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { slugParams } from '../http/wire/params.ts';
import { cloudProvider, regionsToWire, regionsWire } from '../http/wire/regions.ts';
import { availableRegions } from '../projects/available-regions.ts';
import { instanceSize } from '../projects/instance-size.ts';
import { availableVersionsWire, newProjectVersion } from './project-wire.ts';

const regions = createRoute({
  method: 'get',
  path: '/projects/available-regions',
  request: {
    query: z.object({
      organization_slug: z.string().max(100),
      cloud_provider: cloudProvider.default('AWS'),
      desired_instance_size: instanceSize.optional(),
    }),
  },
  responses: { 200: answer(regionsWire, 'Regions in which a new project would find a host') },
});

const versions = createRoute({
  method: 'post',
  path: '/organizations/{slug}/available-versions',
  request: {
    params: slugParams,
    body: {
      content: {
        'application/json': {
          schema: z.object({ provider: cloudProvider.optional(), region: z.string().max(64).optional() }),
        },
      },
    },
  },
  responses: { 200: answer(availableVersionsWire, 'Versions of Postgres a new project can have') },
});

/** What the form for a new project offers. */
export const projectOptions = createRouter()
  .openapi(regions, async (c) => {
    const { organization_slug: slug, cloud_provider: provider } = c.req.valid('query');
    return c.json(regionsToWire(await availableRegions(ctxOf(c), slug), provider), 200);
  })
  .openapi(versions, async (c) => {
    await requireMember(ctxOf(c), c.req.valid('param').slug, 'projects:read');
    return c.json(newProjectVersion, 200);
  });
