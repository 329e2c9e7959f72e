import { describe, expect, test } from 'vitest';
import { type PlacementHost, place } from '../../../worker/projects/place.ts';
import { regionWish, smartGroupWish } from '../../../worker/projects/regions.ts';

const now = 1_800_000_000_000;
const at = { now, lostAfterMs: 60_000 };

function host(changes: Partial<PlacementHost> & { id: string }): PlacementHost {
  return {
    region: 'local',
    cordoned: false,
    revokedAt: null,
    lostAt: null,
    enrolledAt: now - 1_000_000,
    reportedAt: now,
    firstPort: 20_000,
    lastPort: 20_099,
    usedBlocks: 0,
    alike: 1,
    ...changes,
  };
}

describe('placing a project', () => {
  test('spreads: the host with the fewest projects is taken', () => {
    const hosts = [
      host({ id: 'a', usedBlocks: 3 }),
      host({ id: 'b', usedBlocks: 1 }),
      host({ id: 'c', usedBlocks: 2 }),
    ];
    expect(place(hosts, null, at)).toMatchObject({ kind: 'placed', hostId: 'b' });
  });

  test('passes over a full host while another has room, and takes it when none has', () => {
    const full = host({ id: 'a', usedBlocks: 1, lastPort: 20_018 });
    const busy = host({ id: 'b', usedBlocks: 9 });
    expect(place([full, busy], null, at)).toMatchObject({ hostId: 'b' });
    expect(place([full], null, at)).toMatchObject({ hostId: 'a' });
  });

  test.each([
    ['cordoned', { cordoned: true }],
    ['revoked', { revokedAt: now }],
    ['silent', { lostAt: now }],
    ['silent', { reportedAt: now - 60_001 }],
    ['silent', { reportedAt: null, enrolledAt: now - 60_001 }],
  ])('never takes a host that is %s, and says so', (reason, changes) => {
    const placement = place([host({ id: 'a', ...changes })], null, at);
    expect(placement).toMatchObject({ kind: 'refused', because: 'no_host', message: expect.stringContaining(reason) });
  });

  test('counts all hosts that are out for the same reason', () => {
    const placement = place([host({ id: 'a', cordoned: true, alike: 3 }), host({ id: 'b', lostAt: now })], null, at);
    expect(placement).toMatchObject({ message: expect.stringContaining('3 cordoned, 1 silent') });
  });

  test('takes a host that has just enrolled and not reported yet', () => {
    expect(place([host({ id: 'a', reportedAt: null, enrolledAt: now })], null, at)).toMatchObject({ hostId: 'a' });
  });

  test('refuses without any host', () => {
    expect(place([], null, at)).toMatchObject({ kind: 'refused', because: 'no_host' });
  });

  const ohio = host({ id: 'ohio', region: 'us-east-2', usedBlocks: 5 });
  const paris = host({ id: 'paris', region: 'eu-west-3' });
  const cellar = host({ id: 'cellar', region: 'cellar' });

  test.each([
    ['a code', regionWish('us-east-2')],
    ['a display name', regionWish('East US (Ohio)')],
    ['a part of the world', smartGroupWish('americas')],
    ['the name of a part of the world', regionWish('Americas')],
  ])('keeps to a region asked for by %s, however full', (_, wish) => {
    expect(place([paris, ohio, cellar], wish, at)).toEqual({ kind: 'placed', hostId: 'ohio', region: 'us-east-2' });
  });

  test('uses a host that stands nowhere in particular, under the name that was asked for', () => {
    const wish = regionWish('East US (Ohio)');
    expect(place([paris, cellar], wish, at)).toEqual({ kind: 'placed', hostId: 'cellar', region: 'us-east-2' });
  });

  test('never puts a project into another region than the one asked for', () => {
    expect(place([paris], regionWish('us-east-2'), at)).toMatchObject({
      kind: 'refused',
      because: 'no_host_in_region',
      message: expect.stringContaining('eu-west-3'),
    });
  });

  test('knows hosts by their own names of regions, and no others', () => {
    expect(place([ohio, cellar], regionWish('cellar'), at)).toEqual({
      kind: 'placed',
      hostId: 'cellar',
      region: 'us-east-1',
    });
    expect(place([ohio, cellar], regionWish('attic'), at)).toMatchObject({ because: 'unknown_region' });
  });

  test('says where the project is when nobody asked', () => {
    expect(place([paris], null, at)).toMatchObject({ region: 'eu-west-3' });
  });
});
