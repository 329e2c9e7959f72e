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
  identifier: addonVariant,
  name: z.string(),
  meta: computeMetaWire,
  price: z.literal(0),
  price_description: z.string(),
  price_interval: z.literal('monthly'),
  price_type: z.literal('fixed'),
});
const projectAddonsWire = addonsWire(variantWire).extend({ ref: z.string() });

const apply = createRoute({
  method: 'post',
  path: addonsPath,
  request: { params: refParams, body: addonBody },
  responses: { 201: { description: 'The project is being resized' } },
});

/** The compute size of a project, which Studio knows as an add-on (`/platform/projects/{ref}/billing/addons`). */
export const projectAddons = createRouter()
  .openapi(listAddonsRoute(projectAddonsWire), async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json({ ref: project.ref, ...addonsToWire(project, variantToWire) }, 200);
  })
  .openapi(apply, async (c) => {
    await applyAddon(ctxOf(c), { ref: c.req.valid('param').ref, variant: c.req.valid('json').addon_variant });
    return c.body(null, 201);
  })
  .openapi(removeAddonRoute, async (c) => {
    const { ref, addon_variant: variant } = c.req.valid('param');
    await removeAddon(ctxOf(c), { ref, variant });
    return c.body(null, 200);
  });

function variantToWire(addon: ComputeAddon): z.infer<typeof variantWire> {
  return {
    identifier: addon.id,
    name: addon.name,
    meta: computeMeta(addon),
    price: 0,
    price_description: noCharge,
    price_interval: 'monthly',
    price_type: 'fixed',
  };
}
