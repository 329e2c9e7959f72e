import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poolCapacity, projectNetwork } from '../../../agent/stack/network.ts';

const place = (addressPool: string, index: number) =>
  projectNetwork(20_000 + index * 10, { addressPool, firstPort: 20_000 });

describe('the network of a project', () => {
  it.each([
    ['10.213.0.0/16', 0, '10.213.0.0/26', '10.213.0.1', '10.213.0.2'],
    ['10.213.0.0/16', 4, '10.213.1.0/26', '10.213.1.1', '10.213.1.2'],
    ['10.213.0.0/16', 1023, '10.213.255.192/26', '10.213.255.193', '10.213.255.194'],
    ['172.20.0.0/14', 1024, '172.21.0.0/26', '172.21.0.1', '172.21.0.2'],
    // an address inside of a network names it
    ['10.213.7.9/16', 1, '10.213.0.64/26', '10.213.0.65', '10.213.0.66'],
    ['192.168.200.0/24', 3, '192.168.200.192/26', '192.168.200.193', '192.168.200.194'],
    ['255.255.0.0/16', 0, '255.255.0.0/26', '255.255.0.1', '255.255.0.2'],
  ])('of pool %s at block %i is %s', (pool, index, subnet, gateway, database) => {
    const network = place(pool, index);
    expect([network.subnet, network.gateway, network.addressOf('db')]).toEqual([subnet, gateway, database]);
  });

  it('is shared with no other project of the pool', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1023 }), fc.integer({ min: 0, max: 1023 }), (one, other) => {
        expect(place('10.0.0.0/16', one).subnet === place('10.0.0.0/16', other).subnet).toBe(one === other);
      }),
    );
  });

  it('is refused in words when the pool is full', () => {
    expect(() => place('192.168.200.0/24', 4)).toThrow(/has room for 4 projects and this is number 5/);
  });

  it.each([-10, 7, 20_000.5])('is refused in words for ports that are no block of the host (%d off)', (off) => {
    const host = { addressPool: '10.0.0.0/16', firstPort: 20_000 };
    expect(() => projectNetwork(20_000 + off, host)).toThrow(/no block of this host/);
  });

  it.each(['10.0.0.0', '10.0.0/16', '10.0.0.0/27', '10.0.0.0/0', '256.0.0.0/16', 'fd00::/8', '10.0.0.0/1x', ''])(
    'is refused in words for the pool %j',
    (pool) => {
      expect(() => place(pool, 0)).toThrow(/is no IPv4 network/);
    },
  );

  it('finds room for 200 projects in a /18', () => {
    expect(poolCapacity('10.0.0.0/18')).toBe(256);
  });
});
