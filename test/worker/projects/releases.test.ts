import { expect, test } from 'vitest';
import { compareReleases, databaseVersion, knownRelease, targetReleases } from '../../../worker/projects/releases.ts';

test.each([
  ['2026.06', '2026.09', -1],
  ['2026.09', '2026.09.1', -1],
  ['2026.09.2', '2026.09.10', -1],
  ['2026.12', '2027.01', -1],
  ['2026.09', '2026.09', 0],
  ['2026.09.1', '2026.09', 1],
] as const)('%s against %s: %i', (one, other, expected) => {
  expect(Math.sign(compareReleases(one, other))).toBe(expected);
  expect(Math.sign(compareReleases(other, one))).toBe(-expected || 0);
});

test('a project goes to later releases of its own Postgres only', () => {
  expect(targetReleases({ release: '2026.06', postgresVersion: '17' })).toEqual(['2026.09']);
  expect(targetReleases({ release: '2026.09', postgresVersion: '17' })).toEqual([]);
  expect(targetReleases({ release: '2026.06', postgresVersion: '15' })).toEqual([]);
});

test.each(['2026.07', '2026.9', '', 'constructor', '__proto__', '2026.09 ', '2026.09/../x'])(
  'there is no release "%s"',
  (release) => {
    expect(knownRelease.safeParse(release).success).toBe(false);
  },
);

test.each([
  ['compose', '2026.09', '17.6.1.136'],
  ['compose', '2031.01', '17'],
  ['embedded', '2026.09', '17'],
] as const)('the database of a project on %s by release %s is %s', (hostRuntime, release, version) => {
  expect(databaseVersion({ hostRuntime, release, postgresVersion: '17' })).toBe(version);
});
