import { expect, test } from 'vitest';
import { defaultDataDir, portRange, readEnvironment } from '../../agent/config.ts';

test.each<[string, boolean]>([
  ['20000-29999', true],
  ['20000-20009', true],
  ['20000-20008', false],
  ['29999-20000', false],
  ['80-20000', false],
  ['20000-70000', false],
  ['20000', false],
  ['', false],
])('a port range holds at least one project: %s', (text, isAccepted) => {
  expect(portRange.safeParse(text).success).toBe(isAccepted);
});

test('where a host keeps its key when nobody says', () => {
  expect(defaultDataDir(readEnvironment({ HOME: '/home/me' }), false)).toBe('/home/me/.local/share/supafleet-agent');
  expect(defaultDataDir(readEnvironment({ HOME: '/root' }), true)).toBe('/var/lib/supafleet');
  expect(defaultDataDir(readEnvironment({ SUPAFLEET_AGENT_DATA_DIR: '/srv/x' }), true)).toBe('/srv/x');
});

test('an empty variable is none: it neither breaks a command nor names a directory', () => {
  const variables = { SUPAFLEET_AGENT_TOKEN: '', SUPAFLEET_AGENT_DATA_DIR: '', DOCKER_HOST: '', HOME: '/home/me' };
  expect(readEnvironment(variables)).toEqual({ HOME: '/home/me' });
});
