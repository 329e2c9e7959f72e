import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import {
  addonBody,
  addonParams,
  addonsToWire,
  addonsWire,
  addonVariant,
  computeMeta,
  computeMetaWire,
  noCharge,
} from '../http/wire/addons.ts';
import { refParams } from '../http/wire/params.ts';
import { applyAddon, type ComputeAddon, removeAddon } from '../projects/compute-addons.ts';
import { findProject } from '../projects/find.ts';

const path = '/projects/{ref}/billing/addons';

const variantWire = z.object({
  id: addonVariant,
  name: z.string(),
  meta: computeMetaWire,
  price: z.object({
    amount: z.literal(0),
    description: z.string(),
    interval: z.literal('monthly'),
    type: z.literal('fixed'),
  }),
});
const projectAddonsWire = addonsWire(variantWire);

const list = createRoute({
  method: 'get',
  path,
  request: { params: refParams },
  responses: {
    200: answer(projectAddonsWire, 'The compute size, and those it can be changed to; there is nothing else'),
  },
});

const apply = createRoute({
  method: 'patch',
  path,
  request: { params: refParams, body: addonBody },
  responses: { 200: { description: 'The project is being resized' } },
});

const remove = createRoute({
  method: 'delete',
  path: `${path}/{addon_variant}`,
  request: { params: addonParams },
  responses: { 200: { description: 'The project is being resized to what it has without an add-on' } },
});

/** The compute size of a project, as the Management API has it (`/v1/projects/{ref}/billing/addons`). */
export const v1ProjectAddons = createRouter()
  .openapi(list, async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json(addonsToWire(project, variantToWire), 200);
  })
  .openapi(apply, async (c) => {
    await applyAddon(ctxOf(c), { ref: c.req.valid('param').ref, variant: c.req.valid('json').addon_variant });
    return c.body(null, 200);
  })
  .openapi(remove, async (c) => {
    const { ref, addon_variant: variant } = c.req.valid('param');
    await removeAddon(ctxOf(c), { ref, variant });
    return c.body(null, 200);
  });

function variantToWire(addon: ComputeAddon): z.infer<typeof variantWire> {
  return {
    id: addon.id,
    name: addon.name,
    meta: computeMeta(addon),
    price: { amount: 0, description: noCharge, interval: 'monthly', type: 'fixed' },
  };
}
