import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  regionCodes,
  regionNames,
  regionWish,
  smartGroupOf,
  smartGroupWish,
} from '../../../worker/projects/regions.ts';
import { contractMissing, loadContract } from '../../support/contract.ts';

const enumOf = z.object({ enum: z.array(z.string()) });

describe('regions', () => {
  test.skipIf(contractMissing !== null)('are those that Studio and the CLI know, no more and no fewer', () => {
    const contract = JSON.parse(loadContract().read('v1.openapi.json'));
    const body = contract.components.schemas.V1CreateProjectBody.properties.region;
    expect([...regionCodes].sort()).toEqual(enumOf.parse(body).enum.sort());
  });

  test.each(regionCodes)('%s is found by its code, by its name and in its part of the world', (code) => {
    expect(regionWish(code)).toMatchObject({ regions: [code], isKnown: true });
    expect(regionWish(regionNames[code])).toMatchObject({ regions: [code], isKnown: true });
    expect(smartGroupWish(smartGroupOf(code)).regions).toContain(code);
  });

  test.each(['', 'us-east-9', '__proto__', 'constructor', 'EAST US (OHIO)'])('%j is none of them', (asked) => {
    expect(regionWish(asked)).toEqual({ asked, regions: [asked], isKnown: false });
  });
});
