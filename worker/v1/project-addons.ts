import { createRoute, z } from '@hono/zod-openapi';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import {
  addonBody,
  addonsPath,
  addonsToWire,
  addonsWire,
  addonVariant,
  computeMeta,
  computeMetaWire,
  listAddonsRoute,
  noCharge,
  removeAddonRoute,
} from '../http/wire/addons.ts';
import { refParams } from '../http/wire/params.ts';
import { applyAddon, type ComputeAddon, removeAddon } from '../projects/compute-addons.ts';
import { findProject } from '../projects/find.ts';

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

const apply = createRoute({
  method: 'patch',
  path: addonsPath,
  request: { params: refParams, body: addonBody },
  responses: { 200: { description: 'The project is being resized' } },
});

/** The compute size of a project, as the Management API has it (`/v1/projects/{ref}/billing/addons`). */
export const v1ProjectAddons = createRouter()
  .openapi(listAddonsRoute(projectAddonsWire), async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json(addonsToWire(project, variantToWire), 200);
  })
  .openapi(apply, async (c) => {
    await applyAddon(ctxOf(c), { ref: c.req.valid('param').ref, variant: c.req.valid('json').addon_variant });
    return c.body(null, 200);
  })
  .openapi(removeAddonRoute, async (c) => {
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
