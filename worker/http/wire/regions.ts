import { z } from '@hono/zod-openapi';
import {
  type RegionCode,
  type RegionWish,
  regionNames,
  regionWish,
  type SmartGroup,
  smartGroupOf,
  smartGroups,
  smartGroupWish,
} from '../../projects/regions.ts';

export const cloudProvider = z.enum(['AWS', 'FLY', 'AWS_K8S', 'AWS_NIMBUS']);

export const regionCode = z.string().min(1).max(64);

/** A region by its name, or any of a part of the world. */
export const regionSelection = z.discriminatedUnion('type', [
  z.object({ type: z.literal('specific'), code: regionCode }),
  z.object({ type: z.literal('smartGroup'), code: z.enum(['americas', 'emea', 'apac']) }),
]);

/** Where a new project is wanted; null: anywhere. A selection goes before a region named the older way. */
export function regionOf(
  selection: z.infer<typeof regionSelection> | undefined,
  region: string | undefined,
): RegionWish | null {
  if (selection?.type === 'smartGroup') return smartGroupWish(selection.code);
  const asked = selection?.code ?? region;
  return asked === undefined ? null : regionWish(asked);
}

const specificWire = z.object({
  code: z.string(),
  name: z.string(),
  provider: cloudProvider,
  type: z.literal('specific'),
});
const smartGroupWire = z.object({
  code: z.enum(['americas', 'emea', 'apac']),
  name: z.string(),
  type: z.literal('smartGroup'),
});
export const regionsWire = z.object({
  all: z.object({ smartGroup: z.array(smartGroupWire), specific: z.array(specificWire) }),
  recommendations: z.object({ smartGroup: smartGroupWire, specific: z.array(specificWire) }),
});

/** The regions that were found, the best first, as Studio's and the Management API's forms read them. */
export function regionsToWire(
  codes: readonly RegionCode[],
  provider: z.infer<typeof cloudProvider>,
): z.infer<typeof regionsWire> {
  const specific = codes.map((code) => ({ code, name: regionNames[code], provider, type: 'specific' as const }));
  const groups = [...new Set(codes.map(smartGroupOf))].map(groupToWire);
  const [group = groupToWire('americas')] = groups;
  return {
    all: { smartGroup: groups, specific },
    recommendations: { smartGroup: group, specific: specific.slice(0, 1) },
  };
}

function groupToWire(code: SmartGroup): z.infer<typeof smartGroupWire> {
  return { code, name: smartGroups[code].name, type: 'smartGroup' };
}
