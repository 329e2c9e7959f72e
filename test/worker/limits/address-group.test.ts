import { expect, test } from 'vitest';
import { addressGroup } from '../../../worker/limits/address-group.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:1:2:3:4:203.0.113.7', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::1]', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
])('%s is counted as %s', (address, group) => {
  expect(addressGroup(address)).toBe(group);
});

test.each(['not an address', '1::2::3', '2001:db8:1', '1:2:3:4:5:6:7:8:9', 'zz::1', ':', '12345::1'])(
  'what is no address (%s) is counted by itself, and never fails',
  (address) => {
    expect(addressGroup(address)).toBe(address);
  },
);

test('nothing is counted by more than 64 characters', () => {
  expect(addressGroup('a'.repeat(1000))).toHaveLength(64);
});
