import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { joinedHost } from '../../agent/cli/joined-host.ts';
import { writeHostFile } from '../../agent/host-file.ts';
import { createHostKey } from '../../agent/keys.ts';
import { type AgentSettings, addressPool } from '../../agent/settings.ts';
import { readSettings, settingsPath, writeSettings } from '../../agent/settings-file.ts';

const settings: AgentSettings = {
  runtime: 'compose',
  edge: {
    kind: 'names',
    port: 443,
    httpPort: 80,
    certificates: { kind: 'acme', email: 'me@example.com', dnsProvider: { name: 'somewhere', token: 'secret' } },
  },
  addressPool: '10.213.0.0/16',
  imageMap: null,
  frontDoor: { address: '0.0.0.0', port: 5432 },
};

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'supafleet-settings-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('settings come back as they were written, readable by their owner only', async () => {
  const path = await directory();
  await writeSettings(path, settings);
  expect(await readSettings(path)).toEqual(settings);
  expect((await stat(settingsPath(path))).mode & 0o777).toBe(0o600);
});

test.each([
  ['a word that means nothing', { ...settings, imagemap: '/etc/mirror.json' }, 'imagemap'],
  ['a pool of the Internet', { ...settings, addressPool: '8.8.0.0/16' }, 'addressPool: must be within'],
])('%s is refused and named', async (_what, wrong, said) => {
  const path = await directory();
  await writeFile(settingsPath(path), JSON.stringify(wrong));
  await expect(readSettings(path)).rejects.toThrow(said);
});

test('another runtime than the one that was joined with is refused: it would make every project anew', async () => {
  const path = await directory();
  await writeSettings(path, settings);
  await writeHostFile(path, {
    url: 'https://fleet.example.com',
    hostId: '0b0e2f9c-5d0c-4c1e-9d3a-1f2e3d4c5b6a',
    name: 'fra',
    privateKey: createHostKey(),
    projectHost: 'fra.example.com',
    portRange: { first: 20_000, last: 29_999 },
    runtime: 'embedded',
  });
  await expect(joinedHost(path)).rejects.toThrow('put embedded back');
});

test.each<[string, boolean]>([
  ['10.230.0.0/16', true],
  ['10.0.0.0/8', true],
  ['172.16.0.0/12', true],
  ['172.31.255.0/24', true],
  ['192.168.7.0/24', true],
  ['100.127.0.0/16', true],
  ['198.19.0.0/16', true],
  ['10.0.0.0/7', false],
  ['172.32.0.0/16', false],
  ['172.0.0.0/11', false],
  ['127.0.0.0/16', false],
  ['169.254.0.0/16', false],
  ['224.0.0.0/8', false],
  ['100.128.0.0/16', false],
  ['10.0.0.0/25', false],
  ['fd00::/8', false],
  ['10.0.0.0', false],
])('the address pool %s: %s', (pool, fits) => {
  expect(addressPool.safeParse(pool).success).toBe(fits);
});
