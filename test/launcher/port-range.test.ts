import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { claim } from '../../launcher/claim.ts';
import { choosePortRange, holdPortRange } from '../../launcher/port-range.ts';

test('a name of this machine is given once', async () => {
  const name = randomUUID();
  expect(await claim(name)).toBe(true);
  expect(await claim(name)).toBe(false);
});

test('a range that another start has chosen is not chosen again, before anybody listens in it', async () => {
  const chosen = await choosePortRange();
  expect(await holdPortRange(chosen)).toBe(false);
  expect((await choosePortRange()).first).toBeGreaterThan(chosen.first);
});
