import { expect, test } from 'vitest';
import { contains, overlap, parseRoutes } from '../../../agent/doctor/ip-networks.ts';
import { isInTheWay, parseListeners } from '../../../agent/doctor/listeners.ts';

test.each<[string, string, boolean]>([
  ['10.213.0.0/16', '10.213.255.0/24', true],
  ['10.213.0.0/16', '10.212.0.0/14', true],
  ['10.213.0.0/16', '10.214.0.0/16', false],
  ['10.213.0.0/16', '0.0.0.0/0', true],
  ['10.213.9.1/16', '10.213.0.0/24', true],
  ['192.168.0.1', '192.168.0.0/31', true],
  ['10.213.0.0/16', 'fd00::/8', false],
])('%s and %s', (one, other, expected) => {
  expect(overlap(one, other)).toBe(expected);
  expect(overlap(other, one)).toBe(expected);
});

test('a network contains its parts and not what is wider', () => {
  expect(contains('10.213.0.0/16', '10.213.1.0/26')).toBe(true);
  expect(contains('10.213.1.0/26', '10.213.0.0/16')).toBe(false);
});

test("the kernel's routes are read but for the default one", () => {
  const table = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'docker0\t000014AC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'tun0\t0000D50A\t00000000\t0001\t0\t0\t0\t0000FEFF\t0\t0\t0',
    '',
  ].join('\n');
  expect(parseRoutes(table)).toEqual(['172.20.0.0/24', '10.213.0.0/15']);
});

test("the kernel's listeners are read, connections are not", () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1',
    '   1: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1',
    '   2: 0100007F:1539 0100007F:0050 01 00000000:00000000 00:00000000 00000000     0        0 1 1',
    '   3: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1',
    '   4: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1',
    '   5: 00000000000000000000000001000000:0CEA 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1',
  ].join('\n');
  expect(parseListeners(table)).toEqual([
    { address: '127.0.0.1', port: 5432 },
    { address: '*', port: 443 },
    { address: '*', port: 80 },
    { address: '127.0.0.1', port: 8080 },
    { address: '::01000000', port: 3306 },
  ]);
});

test.each<[string, string, boolean]>([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '10.0.0.1', false],
  ['*', '10.0.0.1', true],
  ['10.0.0.1', '0.0.0.0', true],
  ['127.0.0.1', '::', true],
  ['::01000000', '127.0.0.1', false],
  ['::01000000', '::1', true],
])('a listener on %s in the way of one on %s', (there, wanted, expected) => {
  expect(isInTheWay({ address: there, port: 1 }, { address: wanted, port: 1 })).toBe(expected);
  expect(isInTheWay({ address: there, port: 1 }, { address: wanted, port: 2 })).toBe(false);
});
