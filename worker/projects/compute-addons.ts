import { type InstanceSize, instanceCompute, instanceSizes } from '../../schema/instance-sizes.ts';
import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { alterProject } from './alter.ts';
import { findProject, type Project } from './find.ts';
import { resizeProject, resizing } from './resize.ts';

/** The smallest sizes are what a project has without an add-on. */
const withoutAddon = ['pico', 'nano'] as const satisfies readonly InstanceSize[];
type AddonSize = Exclude<InstanceSize, (typeof withoutAddon)[number]>;

/** A compute size as an add-on, as Studio and the Management API know it; nothing costs anything. */
export type ComputeAddon = { id: `ci_${AddonSize}`; name: string; memoryGb: number; cpus: number };

const addonSizes = instanceSizes.filter((size): size is AddonSize => !withoutAddon.some((small) => small === size));

/** Every size that is an add-on, smallest first. */
const computeAddons: readonly ComputeAddon[] = addonSizes.map((size) => ({
  id: `ci_${size}`,
  name: size.slice(0, 1).toUpperCase() + size.slice(1).replaceAll('_', ' '),
  memoryGb: instanceCompute[size].memoryMiB / 1024,
  cpus: instanceCompute[size].cpus,
}));

/** Studio writes a price of its own beside this size when it is not in the list. */
const alwaysListed: ComputeAddon['id'] = 'ci_micro';

/** The add-ons a project can have, and the one it has. A host without containers limits nothing, so it has none. */
export function addonsOf({ hostRuntime, size }: Pick<Project, 'hostRuntime' | 'size'>): {
  available: readonly ComputeAddon[];
  selected: ComputeAddon | null;
} {
  if (hostRuntime !== 'compose') {
    return { available: computeAddons.filter(({ id }) => id === alwaysListed), selected: null };
  }
  return { available: computeAddons, selected: computeAddons.find(({ id }) => id === `ci_${size}`) ?? null };
}

/** Resizes a project to the size of an add-on. Errors: those of `alterProject`, `not_available` for other add-ons. */
export async function applyAddon(ctx: Ctx, input: { ref: string; variant: string }): Promise<Project> {
  const { ref, variant } = input;
  const size = sizeOf(variant);
  if (size === null) return refuseOther(ctx, ref, variant);
  return resizeProject(ctx, { ref, size });
}

/**
 * Resizes a project to the size that is no add-on. Errors: those of `alterProject`, `not_available` for other add-ons,
 * `wrong_state` when the project does not have this one.
 */
export async function removeAddon(ctx: Ctx, input: { ref: string; variant: string }): Promise<Project> {
  const { ref, variant } = input;
  const size = sizeOf(variant);
  if (size === null) return refuseOther(ctx, ref, variant);
  return alterProject(ctx, ref, (project) => {
    if (project.size !== size) {
      throw new AppError(
        'wrong_state',
        `The project's compute size is ${project.size}, so it has no add-on ${variant}`,
      );
    }
    return resizing(project, 'nano');
  });
}

function sizeOf(variant: string): AddonSize | null {
  return addonSizes.find((size) => `ci_${size}` === variant) ?? null;
}

/** Says so to those only who may see the project. */
async function refuseOther(ctx: Ctx, ref: string, variant: string): Promise<never> {
  await findProject(ctx, ref, 'projects:update');
  throw new AppError('not_available', `Not available in this version: add-ons other than compute sizes, as ${variant}`);
}
