import { expect, test } from 'vitest';
import type { Subject, Verdict } from '../../../agent/doctor/check.ts';
import { addressPoolVerdict } from '../../../agent/doctor/checks/address-pool.ts';
import { certificateVerdict } from '../../../agent/doctor/checks/certificates.ts';
import { clockVerdict } from '../../../agent/doctor/checks/clock.ts';
import { composeVerdict } from '../../../agent/doctor/checks/compose.ts';
import { diskVerdict } from '../../../agent/doctor/checks/disk.ts';
import { engineVerdict } from '../../../agent/doctor/checks/engine.ts';
import { limitsVerdict } from '../../../agent/doctor/checks/limits.ts';
import { memoryVerdict } from '../../../agent/doctor/checks/memory.ts';
import { portsVerdict } from '../../../agent/doctor/checks/ports.ts';
import { chooseAddressPool } from '../../../agent/doctor/choose-address-pool.ts';
import { selfSignedCertificate } from '../../../agent/front-door/self-signed-certificate.ts';

const engine = { Version: '20.10.24', ApiVersion: '1.41', OSType: 'linux', SecurityOptions: ['name=seccomp'] };

test.each<[string, object, Verdict['status']]>([
  ['20.10', {}, 'ok'],
  ['a newer one', { Version: '29.0.1', ApiVersion: '1.52' }, 'ok'],
  ['of another major version of its API', { ApiVersion: '2.0' }, 'ok'],
  ['19.03', { Version: '19.03.15', ApiVersion: '1.40' }, 'failed'],
  ['of Windows', { OSType: 'windows' }, 'failed'],
  ['rootless', { SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'] }, 'failed'],
])('an engine %s', (_what, change, status) => {
  expect(engineVerdict({ ...engine, ...change }).status).toBe(status);
});

const help = '--remove-orphans … --wait';
test.each<[string, string, Verdict['status']]>([
  ['2.40.3-3', help, 'ok'],
  ['v2.20.0', help, 'ok'],
  ['5.0.1', help, 'ok'],
  ['2.19.1', help, 'failed'],
  ['1.29.2', help, 'failed'],
  ['', help, 'failed'],
  ['2.30.0', '--remove-orphans', 'failed'],
])('Compose %s (%s)', (version, text, status) => {
  expect(composeVerdict(version, text).status).toBe(status);
});

test.each<[number | null, Verdict['status']]>([
  [0, 'ok'],
  [-4_900, 'ok'],
  [20_000, 'warning'],
  [30_001, 'failed'],
  [-3_600_000, 'failed'],
  [null, 'warning'],
])('a clock that is %s ms ahead', (skewMs, status) => {
  expect(clockVerdict(skewMs).status).toBe(status);
});

test.each<[number[], Verdict['status']]>([
  [[100e9, 50e9], 'ok'],
  [[100e9, 19e9], 'warning'],
  [[1.9e9, 100e9], 'failed'],
])('%j bytes free: the scarcest place decides', (free, status) => {
  expect(diskVerdict(free.map((freeBytes) => ({ what: '/somewhere', freeBytes }))).status).toBe(status);
});

const gigabyte = 1024 ** 3;
test.each<[number, 'compose' | 'embedded', Verdict['status']]>([
  [8, 'compose', 'ok'],
  [2, 'compose', 'warning'],
  [0.9, 'compose', 'failed'],
  [0.9, 'embedded', 'ok'],
])('%s GB for %s', (available, runtime, status) => {
  const bytes = { totalBytes: 16 * gigabyte, availableBytes: available * gigabyte };
  expect(memoryVerdict(bytes, runtime).status).toBe(status);
});

test('a kernel that does not limit memory is warned of by name', () => {
  expect(limitsVerdict({ ...engine, MemoryLimit: false, CpuCfsQuota: true })).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining('memory'),
  });
  expect(limitsVerdict({ ...engine, MemoryLimit: true, CpuCfsQuota: true, PidsLimit: true }).status).toBe('ok');
});

const settings: Subject['settings'] = {
  runtime: 'compose',
  edge: { kind: 'names', port: 443, httpPort: 80, certificates: { kind: 'internal' } },
  addressPool: '10.213.0.0/16',
  imageMap: null,
  frontDoor: { address: '127.0.0.1', port: 5432 },
};
const subject = { settings, portRange: { first: 20_000, last: 29_999 } };
const nobody = { agentRuns: false, edgeRuns: false };

test.each<[string, { address: string; port: number }[], Partial<typeof nobody>, Verdict['status']]>([
  ['nobody else', [{ address: '*', port: 22 }], {}, 'ok'],
  ['a web server', [{ address: '127.0.0.1', port: 443 }], {}, 'failed'],
  ['a web server on 80', [{ address: '*', port: 80 }], {}, 'failed'],
  ['its own edge', [{ address: '*', port: 443 }], { edgeRuns: true }, 'ok'],
  ['a Postgres', [{ address: '127.0.0.1', port: 5432 }], {}, 'failed'],
  ['a Postgres beside its own edge', [{ address: '*', port: 5432 }], { edgeRuns: true }, 'failed'],
  ['a Postgres on another address', [{ address: '10.0.0.1', port: 5432 }], {}, 'ok'],
  ['its own agent', [{ address: '127.0.0.1', port: 5432 }], { agentRuns: true, edgeRuns: true }, 'ok'],
  ['a stranger where postgres-meta goes', [{ address: '127.0.0.1', port: 29_990 }], {}, 'failed'],
  ['its own postgres-meta', [{ address: '127.0.0.1', port: 29_990 }], { edgeRuns: true }, 'ok'],
  ['a stranger in its range', [{ address: '*', port: 20_007 }], {}, 'warning'],
])('ports beside %s', (_what, found, own, status) => {
  expect(portsVerdict(subject, found, { ...nobody, ...own }).status).toBe(status);
});

test('without Docker a taken 5432 is no reason not to join: the next one is used', () => {
  const embedded: Subject['settings'] = {
    ...settings,
    runtime: 'embedded',
    edge: { kind: 'ports', address: '127.0.0.1' },
  };
  const found = [{ address: '*', port: 5432 }];
  expect(portsVerdict({ ...subject, settings: embedded }, found, nobody).status).toBe('warning');
});

test.each<[string | null, string[], Verdict['status']]>([
  ['10.213.0.0/16', ['172.17.0.0/16'], 'ok'],
  ['10.213.0.0/16', ['10.0.0.0/8'], 'failed'],
  ['10.213.0.0/16', ['10.213.7.0/24'], 'failed'],
  ['192.168.7.0/24', [], 'warning'],
  [null, ['10.213.0.0/16'], 'ok'],
  [null, ['10.0.0.0/8'], 'failed'],
])('the address pool %s beside %j', (addressPool, subnets, status) => {
  const inUse = subnets.map((subnet) => ({ subnet, whose: 'another' }));
  expect(addressPoolVerdict({ ...subject, settings: { ...settings, addressPool } }, inUse).status).toBe(status);
});

test('the first pool that nobody uses is chosen', () => {
  const inUse = ['10.213.4.0/24', '10.214.0.0/15', '172.17.0.0/16'].map((subnet) => ({ subnet, whose: 'another' }));
  expect(chooseAddressPool([])).toBe('10.213.0.0/16');
  expect(chooseAddressPool(inUse)).toBe('10.216.0.0/16');
});

const now = Date.parse('2026-11-21T10:00:00Z');
const day = 86_400_000;
const pem = (names: string[], days: number) => {
  const { key, cert } = selfSignedCertificate(names, { from: now - 400 * day, to: now + days * day });
  return { certificate: cert, key };
};

test.each<[string, { certificate: string; key: string }, Verdict['status']]>([
  ['a wildcard', pem(['*.fra.example.com'], 90), 'ok'],
  ['one that ends soon', pem(['*.fra.example.com'], 5), 'warning'],
  ['one that ended', pem(['*.fra.example.com'], -1), 'failed'],
  ['one for other names', pem(['fra.example.com', '*.example.com'], 90), 'failed'],
  ['another one and its key', { ...pem(['*.fra.example.com'], 90), key: pem(['a.example'], 90).key }, 'failed'],
  ['no certificate', { certificate: 'hello', key: 'world' }, 'failed'],
])('a certificate that is %s', (_what, files, status) => {
  const verdict = certificateVerdict(files, { projectHost: 'fra.example.com', now });
  expect(verdict.status).toBe(status);
  expect(JSON.stringify(verdict)).not.toContain('PRIVATE');
});
