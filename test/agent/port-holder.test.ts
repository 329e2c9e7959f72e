import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { listeningSockets, portHolder } from '../../agent/port-holder.ts';

const line = (local: string, state: string, inode: number) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0`;

test.each<[string, string, string[]]>([
  ['on loopback', line('0100007F:7530', '0A', 11), ['11']],
  ['everywhere', line('00000000:7530', '0A', 12), ['12']],
  ['everywhere by IPv6', line(`${'0'.repeat(32)}:7530`, '0A', 13), ['13']],
  ['on another address', line('0700000A:7530', '0A', 14), []],
  ['on another port', line('0100007F:7531', '0A', 15), []],
  ['not any more', line('0100007F:7530', '06', 16), []],
])('who listens %s', (_where, table, sockets) => {
  expect(listeningSockets(`  sl  local_address rem_address   st\n${table}\n`, 30_000)).toEqual(sockets);
});

test('whose a port is can be said by name and process', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('it has no port');
    expect(await portHolder(address.port)).toEqual({
      pid: process.pid,
      program: basename(process.execPath),
      cgroup: await readFile('/proc/self/cgroup', 'utf8'),
    });
  } finally {
    server.close();
    await once(server, 'close');
  }
});
