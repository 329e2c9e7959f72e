import { expect, test } from 'vitest';
import { offeredRole } from '../../../worker/organizations/invitation.ts';

test.each<[string[], string]>([
  [[], 'Developer'],
  [['a'], 'Developer, for one of its projects only'],
  [['a', 'b'], 'Developer, for 2 of its projects only'],
])('an invitation for the projects %j says what it offers: %s', (refs, text) => {
  expect(offeredRole({ role: 'Developer', refs })).toBe(text);
});
