import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, createServer, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { Client, type ClientConfig } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontDoor, type FrontDoorOptions, openFrontDoor } from '../../../agent/front-door/front-door.ts';
import { selfSignedCertificate } from '../../../agent/front-door/self-signed-certificate.ts';
import { startupPacket } from '../../../agent/front-door/startup-packet.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { freePort } from '../../support/sqld.ts';
import { until } from '../../support/until.ts';
import { recordingLog } from '../edge/gateway-fixture.ts';

const ref = 'abcdefghijklmnopqrst';
const stopped = 'ppppppppppppppppppps';
const broken = 'bbbbbbbbbbbbbbbbbbbb';
const projectHost = 'db.localhost';
const password = 'a-password-that-stays-out-of-logs';
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]);

const psql = '/usr/bin/psql';
const hasPsql = existsSync(psql);
if (!hasPsql) process.stdout.write(`skipped: the tests that need ${psql}, which this machine does not have\n`);

const log = recordingLog();
let postgres: TestPostgres;
let admin: Client;
let door: FrontDoor;

async function open(options: Partial<FrontDoorOptions> = {}): Promise<FrontDoor> {
  const now = Date.now();
  return openFrontDoor(
    {
      host: '127.0.0.1',
      firstPort: await freePort(),
      projectHost,
      certificate: selfSignedCertificate([projectHost], { from: now - 86_400_000, to: now + 86_400_000 }),
      resolve: async (asked) => {
        if (asked === ref) return { host: '127.0.0.1', port: postgres.port };
        if (asked === broken) return { host: '127.0.0.1', port: 1 };
        return asked === stopped ? 'stopped' : null;
      },
      ...options,
    },
    { log },
  );
}

beforeAll(async () => {
  postgres = await startPostgres();
  admin = await postgres.asAgent();
  await admin.query(`create role postgres login password '${password}'; grant pg_monitor to postgres`);
  door = await open();
});
afterAll(async () => {
  await door?.close();
  await postgres?.stop();
  expect(log.lines.join('\n')).not.toContain(password);
});

/** What psql prints for one statement, errors included. */
function runPsql(target: string, sql: string): Promise<{ code: number; output: string }> {
  const env = { PGPASSWORD: password, PGCONNECT_TIMEOUT: '10', PATH: '/usr/bin:/bin' };
  return new Promise((resolve) => {
    const args = ['-XAt', '-d', `${target} dbname=postgres port=${door.port}`, '-c', sql];
    execFile(psql, args, { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}`.trim() });
    });
  });
}

/** @types/pg does not know `sslnegotiation` yet. */
type SessionConfig = ClientConfig & { sslnegotiation?: 'direct' };

function session(config: SessionConfig = {}): Client {
  const client = new Client({
    host: '127.0.0.1',
    port: door.port,
    user: `postgres.${ref}`,
    password,
    database: 'postgres',
    ssl: { rejectUnauthorized: false },
    ...config,
  });
  client.on('error', () => {});
  return client;
}

async function withSession<T>(work: (client: Client) => Promise<T>, config?: SessionConfig): Promise<T> {
  const client = session(config);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Sends bytes and answers with everything that came back until the door closed the connection. */
function converse(socket: Socket, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => resolve(Buffer.concat(chunks)));
    socket.write(bytes);
  });
}

describe.skipIf(!hasPsql)('psql from Debian', () => {
  it.each([
    ['TLS and a user suffix', `host=127.0.0.1 sslmode=require user=postgres.${ref}`],
    ['no TLS and a user suffix', `host=127.0.0.1 sslmode=disable user=postgres.${ref}`],
    ['TLS and the server name', `host=db.${ref}.${projectHost} hostaddr=127.0.0.1 sslmode=require user=postgres`],
  ])('connects with %s', async (_, target) => {
    expect(await runPsql(target, 'select current_user')).toEqual({ code: 0, output: 'postgres' });
  });

  it.each([
    ['an unknown project', 'user=postgres.zzzzzzzzzzzzzzzzzzzz', 'FATAL:  tenant or user not found'],
    ['no project', 'user=postgres', 'FATAL:  tenant or user not found: connect as <role>.<project ref>'],
    ['a paused project', `user=postgres.${stopped}`, 'is not running: it is paused or starting'],
    ['a database that is down', `user=postgres.${broken}`, 'is not accepting connections now'],
    ['a wrong role', `user=stranger.${ref}`, 'password authentication failed for user "stranger"'],
  ])('says what is wrong with %s', async (_, user, message) => {
    for (const sslmode of ['require', 'disable']) {
      const { code, output } = await runPsql(`host=127.0.0.1 sslmode=${sslmode} ${user}`, 'select 1');
      expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining(message) });
    }
  });

  it('is refused, not deceived, when it insists on channel binding', async () => {
    const target = `host=127.0.0.1 sslmode=require channel_binding=require user=postgres.${ref}`;
    expect((await runPsql(target, 'select 1')).output).toContain('channel binding');
  });

  it('cancels its own query and no other', async () => {
    const query = "select pg_sleep(60), 'cancelled by its client'";
    const running = async () =>
      (await admin.query('select 1 from pg_stat_activity where query = $1 and state = $2', [query, 'active'])).rowCount;
    const bystander = session();
    await bystander.connect();
    const undisturbed = bystander.query('select pg_sleep(1), 42 as answer');
    const target = `host=127.0.0.1 port=${door.port} sslmode=require user=postgres.${ref} dbname=postgres`;
    const child = spawn(psql, ['-XAt', '-d', target, '-c', query], { env: { PGPASSWORD: password } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    const exited = new Promise((resolve) => child.once('close', resolve));
    await until(async () => (await running()) === 1, { what: 'the query to run' });
    child.kill('SIGINT');
    await exited;
    expect(output).toContain('canceling statement due to user request');
    expect((await undisturbed).rows[0]).toMatchObject({ answer: 42 });
    await bystander.end();
  });
});

describe('node-postgres', () => {
  it.each<[string, SessionConfig]>([
    ['SSLRequest and a user suffix', {}],
    [
      'SSLRequest and the server name',
      { user: 'postgres', ssl: { rejectUnauthorized: false, servername: `db.${ref}.${projectHost}` } },
    ],
    ['TLS at once, as since Postgres 17', { sslnegotiation: 'direct' }],
    ['no TLS', { ssl: false }],
  ])('connects with %s', async (_, config) => {
    const { rows } = await withSession((client) => client.query('select current_user as who'), config);
    expect(rows).toEqual([{ who: 'postgres' }]);
  });

  it('gets Postgres’s own errors', async () => {
    await expect(withSession((client) => client.query('select nothing'))).rejects.toMatchObject({ code: '42703' });
    await expect(withSession(async () => {}, { password: 'wrong' })).rejects.toMatchObject({ code: '28P01' });
  });

  it('gets a large answer and sends a large statement whole', async () => {
    const size = 24 * 1024 * 1024;
    await withSession(async (client) => {
      const { rows } = await client.query(`select repeat('x', ${size}) as text`);
      expect(rows[0].text.length).toBe(size);
      const sent = await client.query('select length($1::text) as length', ['y'.repeat(size)]);
      expect(sent.rows[0].length).toBe(size);
    });
  });

  it('hears of it when its session is ended by the server', async () => {
    const client = session();
    await client.connect();
    const gone = new Promise((resolve) => client.once('end', resolve));
    const { rows } = await client.query('select pg_backend_pid() as pid');
    await admin.query('select pg_terminate_backend($1)', [rows[0].pid]);
    await gone;
    await expect(client.query('select 1')).rejects.toThrow();
  });
});

it('a client that vanishes leaves no session behind', async () => {
  const socket = new Socket();
  const client = session({ application_name: 'vanishing', ssl: false, stream: () => socket });
  await client.connect();
  const sessions = async () =>
    (await admin.query("select 1 from pg_stat_activity where application_name = 'vanishing'")).rowCount;
  expect(await sessions()).toBe(1);
  socket.resetAndDestroy();
  await until(async () => (await sessions()) === 0, { what: 'the session to end' });
});

it('a client that does not read holds up itself, not the memory of the host', async () => {
  const socket = new Socket();
  const reader = session({ ssl: false, stream: () => socket });
  await reader.connect();
  const before = process.memoryUsage().rss;
  const waiting = async () =>
    (await admin.query("select 1 from pg_stat_activity where wait_event = 'ClientWrite'")).rowCount;
  reader.query("select repeat('x', 1000000) from generate_series(1, 500)").catch(() => undefined);
  socket.pause();
  await until(async () => (await waiting()) === 1, { what: 'Postgres to wait for its client' });
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  socket.destroy();
  await until(async () => (await waiting()) === 0, { what: 'the session to end' });
});

it('connections that have ended, cleanly or not, hold no socket', async () => {
  const sockets = () => process.getActiveResourcesInfo().filter((name) => /TCPSocket|TLS/.test(name)).length;
  const before = sockets();
  for (const ssl of [false, { rejectUnauthorized: false }]) {
    for (let round = 0; round < 10; round++) {
      await withSession((client) => client.query('select 1'), { ssl });
      const socket = new Socket();
      const abrupt = session({ ssl, stream: () => socket });
      await abrupt.connect();
      socket.destroy();
    }
  }
  await until(() => sockets() <= before, { what: 'all sockets to be let go' });
});

describe('what is no proper client', () => {
  it('any bytes are survived', async () => {
    const head = fc.constantFrom(
      sslRequest,
      Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x30]),
      Buffer.from([0x16, 3, 1]),
      startupPacket(3 << 16, [['user', `postgres.${ref}`]]),
      Buffer.alloc(0),
    );
    await fc.assert(
      fc.asyncProperty(head, fc.uint8Array({ maxLength: 200 }), async (start, tail) => {
        const socket = connect({ port: door.port, host: '127.0.0.1' });
        const answered = converse(socket, Buffer.concat([start, tail]));
        socket.end();
        await answered;
      }),
      { numRuns: 100 },
    );
    expect(await withSession((client) => client.query('select 1'))).toMatchObject({ rowCount: 1 });
  });

  it('bytes sent ahead of a TLS handshake do not get into it', async () => {
    const injected = startupPacket(3 << 16, [['user', `postgres.${ref}`]]);
    const answer = await converse(connect(door.port, '127.0.0.1'), Buffer.concat([sslRequest, injected]));
    expect(answer.toString('latin1')).toBe('');
  });

  it('TLS at once for another protocol is turned away', async () => {
    const socket = connectTls({ port: door.port, host: '127.0.0.1', rejectUnauthorized: false });
    const answer = await converse(socket, startupPacket(3 << 16, [['user', `postgres.${ref}`]]));
    expect(answer.length).toBe(0);
  });

  it('a client that says nothing, or stops in the middle, is let go', async () => {
    const hasty = await open({ startupTimeoutMs: 200 });
    try {
      for (const bytes of [Buffer.alloc(0), sslRequest.subarray(0, 5), sslRequest, Buffer.from([0x16, 3, 1, 2, 0])]) {
        await converse(connect(hasty.port, '127.0.0.1'), bytes);
      }
    } finally {
      await hasty.close();
    }
  });

  it('a server that accepts and says nothing holds no client longer than its own deadline allows', async () => {
    const slow = await open({ startupTimeoutMs: 200, resolve: () => new Promise(() => {}) });
    try {
      const packet = startupPacket(3 << 16, [['user', `postgres.${ref}`]]);
      expect((await converse(connect(slow.port, '127.0.0.1'), packet)).length).toBe(0);
    } finally {
      await slow.close();
    }
  });
});

it('a full house says so, and has room again when a session ends', async () => {
  const small = await open({ maxConnections: 1 });
  try {
    const first = session({ port: small.port });
    await first.connect();
    await expect(session({ port: small.port }).connect()).rejects.toMatchObject({ code: '53300' });
    await first.end();
    await until(
      async () => {
        const next = session({ port: small.port });
        const connected = await next.connect().then(
          () => true,
          () => false,
        );
        if (connected) await next.end();
        return connected;
      },
      { what: 'a free place' },
    );
  } finally {
    await small.close();
  }
});

it('takes the next port when the first is in use, and gives it back on close with sessions open', async () => {
  const stranger = createServer();
  const taken = await freePort();
  await new Promise<void>((resolve) => stranger.listen(taken, '127.0.0.1', resolve));
  const next = await open({ firstPort: taken });
  expect(next.port).toBeGreaterThan(taken);
  const client = session({ port: next.port });
  await client.connect();
  const gone = new Promise((resolve) => client.once('end', resolve));
  await next.close();
  await gone;
  const again = await open({ firstPort: next.port });
  expect(again.port).toBe(next.port);
  await again.close();
  await new Promise((resolve) => stranger.close(resolve));
});
