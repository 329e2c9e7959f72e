import { createRoute, z } from '@hono/zod-openapi';
import { type InstanceSize, instanceSizes } from '../../../schema/instance-sizes.ts';
import { addonsOf, type ComputeAddon } from '../../projects/compute-addons.ts';
import { answer } from '../answer.ts';
import { refParams } from './params.ts';

// add-ons as Studio and the Management API ask for them

const addonTypes = [
  'custom_domain',
  'compute_instance',
  'pitr',
  'ipv4',
  'auth_mfa_phone',
  'auth_mfa_web_authn',
  'log_drain',
] as const;

const computeVariant = z.enum(instanceSizes.map((size): `ci_${InstanceSize}` => `ci_${size}`));
const otherVariants = [
  'cd_default',
  'pitr_7',
  'pitr_14',
  'pitr_28',
  'ipv4_default',
  'auth_mfa_phone_default',
  'auth_mfa_web_authn_default',
  'log_drain_default',
] as const;

export const addonVariant = z.enum([...computeVariant.options, ...otherVariants]);

/** The body that asks for an add-on. */
export const addonBody = {
  required: true,
  content: {
    'application/json': { schema: z.object({ addon_type: z.enum(addonTypes), addon_variant: addonVariant }) },
  },
} as const;

/** Where both doors have the add-ons of a project. */
export const addonsPath = '/projects/{ref}/billing/addons';

/** The list of a door, which differs in how it writes a variant. */
export function listAddonsRoute<Wire extends z.ZodType>(wire: Wire) {
  return createRoute({
    method: 'get',
    path: addonsPath,
    request: { params: refParams },
    responses: { 200: answer(wire, 'The compute size, and those it can be changed to; there is nothing else') },
  });
}

export const removeAddonRoute = createRoute({
  method: 'delete',
  path: `${addonsPath}/{addon_variant}`,
  request: { params: z.object({ ref: z.string(), addon_variant: addonVariant }) },
  responses: { 200: { description: 'The project is being resized to what it has without an add-on' } },
});

const computeInstance = z.literal('compute_instance');

/** The add-ons of a project; the doors differ in how they write a variant of one. */
export function addonsWire<Variant extends z.ZodType>(variant: Variant) {
  return z.object({
    selected_addons: z.array(z.object({ type: computeInstance, variant })),
    available_addons: z.array(z.object({ type: computeInstance, name: z.string(), variants: z.array(variant) })),
  });
}

/** As `addonsWire`. */
export function addonsToWire<Variant>(
  project: Parameters<typeof addonsOf>[0],
  variantToWire: (addon: ComputeAddon) => Variant,
) {
  const { available, selected } = addonsOf(project);
  const type = computeInstance.value;
  const variants = available.map(variantToWire);
  return {
    selected_addons: selected === null ? [] : [{ type, variant: variantToWire(selected) }],
    available_addons: variants.length === 0 ? [] : [{ type, name: 'Compute size', variants }],
  };
}

/** What is shown beside a compute size. */
export const computeMetaWire = z.object({ memory_gb: z.number(), cpu_cores: z.number(), cpu_dedicated: z.boolean() });

/** As `computeMetaWire`. */
export function computeMeta({ memoryGb, cpus }: ComputeAddon): z.infer<typeof computeMetaWire> {
  return { memory_gb: memoryGb, cpu_cores: cpus, cpu_dedicated: false };
}

export const noCharge = 'No charge';
