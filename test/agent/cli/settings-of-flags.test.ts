import { expect, test } from 'vitest';
import { type SettingsFlags, settingsFlags, settingsOfFlags } from '../../../agent/cli/settings-of-flags.ts';
import { UsageError } from '../../../agent/cli/usage-error.ts';

const read = (flags: Record<string, unknown>) =>
  settingsOfFlags(settingsFlags.parse({ runtime: 'compose', projectHost: 'fra.example.com', ...flags }));

test('a host on this machine serves ports to this machine only', () => {
  expect(read({ projectHost: 'localhost' })).toEqual({
    runtime: 'compose',
    edge: { kind: 'ports', address: '127.0.0.1' },
    addressPool: null,
    imageMap: null,
    frontDoor: { address: '127.0.0.1', port: 5432 },
  });
});

test.each<[Partial<Record<keyof SettingsFlags, string>>, object]>([
  [
    { tls: 'acme:me@example.com' },
    { port: 443, httpPort: 80, certificates: { kind: 'acme', email: 'me@example.com' } },
  ],
  [
    { tls: 'files:/etc/a.pem,/etc/a.key', httpsPort: '8443', httpPort: 'off' },
    { port: 8443, httpPort: null, certificates: { kind: 'files', certificate: '/etc/a.pem', key: '/etc/a.key' } },
  ],
  [
    { tls: 'internal', httpPort: '8080' },
    { port: 443, httpPort: 8080, certificates: { kind: 'internal' } },
  ],
  [
    { tls: 'off', httpPort: '8080' },
    { port: 8080, httpPort: null, certificates: null },
  ],
  [{ tls: 'off' }, { port: 80, httpPort: null, certificates: null }],
])('names with %j', (flags, edge) => {
  expect(read(flags)).toMatchObject({
    edge: { kind: 'names', ...edge },
    frontDoor: { address: '0.0.0.0', port: 5432 },
  });
});

test('ports for other machines listen everywhere, or where it is said', () => {
  expect(read({ edge: 'ports' }).edge).toEqual({ kind: 'ports', address: '0.0.0.0' });
  expect(read({ edge: 'ports', edgeAddress: '10.0.0.7' }).edge).toEqual({ kind: 'ports', address: '10.0.0.7' });
});

test.each([
  ['0.0.0.0:6432', { address: '0.0.0.0', port: 6432 }],
  ['[::]:5432', { address: '::', port: 5432 }],
])('the front door is at %s', (frontDoor, expected) => {
  expect(read({ tls: 'internal', frontDoor }).frontDoor).toEqual(expected);
});

test.each<[Record<string, unknown>, string]>([
  [{}, '--tls acme:you@example.com'],
  [{ tls: 'acme:nobody@home' }, 'email'],
  [{ edge: 'ports', tls: 'internal' }, '--tls does not go with --edge ports'],
  [{ edge: 'ports', httpsPort: 443 }, '--https-port does not go'],
  [{ edge: 'names', tls: 'internal', edgeAddress: '10.0.0.1' }, '--edge-address does not go'],
  [{ tls: 'off', httpsPort: 443 }, '--https-port does not go with --tls off'],
  [{ tls: 'internal', frontDoor: '5432' }, '--front-door must be'],
  [{ tls: 'internal', frontDoor: 'db.example.com:5432' }, '--front-door must be'],
  [{ tls: 'internal', frontDoor: '0.0.0.0:70000' }, '--front-door must be'],
])('%j is refused with what to type', (flags, text) => {
  expect(() => read(flags)).toThrow(UsageError);
  expect(() => read(flags)).toThrow(text);
});

test.each([
  { tls: 'files:relative.pem,/etc/a.key' },
  { tls: 'acme:' },
  { addressPool: '10.213.0.0/28' },
  { addressPool: '10.213.0.0' },
  { edgeAddress: 'example.com' },
  { httpPort: 'on' },
  { runtime: 'podman' },
])('%j is not understood', (flags) => {
  expect(settingsFlags.safeParse({ runtime: 'compose', projectHost: 'localhost', ...flags }).success).toBe(false);
});
