import { expect, test } from 'vitest';
import { controlPlaneUrl } from '../../schema/control-plane-url.ts';

test.each<[string, boolean, boolean]>([
  ['https://fleet.example.com', false, true],
  ['http://127.0.0.1:8787', false, true],
  ['http://localhost:8787', false, true],
  ['http://[::1]:8787', false, true],
  ['http://10.0.0.5:8787', false, false],
  ['http://localhost.example.com', false, false],
  ['http://10.0.0.5:8787', true, true],
  ['ftp://localhost', true, false],
  ['fleet.example.com', true, false],
])('secrets never cross a network in clear text unasked: %s, allowed %s', (url, isAllowed, isAccepted) => {
  expect(controlPlaneUrl(isAllowed).safeParse(url).success).toBe(isAccepted);
});
