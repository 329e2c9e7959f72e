import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portBlock } from '../../../support/port-block.ts';
import { freePort } from '../../../support/sqld.ts';
import { until } from '../../../support/until.ts';
import { keys, publishableKey, secretKey } from '../gateway-fixture.ts';
import { caddyPath, type RunningCaddy, startCaddy } from './caddy.ts';
import { edgeProject, type Service, send, startService } from './edge-fixture.ts';
import { openWebsocket, startEcho } from './websocket.ts';

const one = 'oneoneoneoneoneoneon';
const other = 'otherotherotherother';
const asleep = 'asleepasleepasleepas';
const foreignKey = 'sb_secret_of_another_project';

let service: Service;
let caddy: RunningCaddy;
let ports: { one: number; other: number; asleep: number };

beforeAll(async () => {
  if (caddyPath === null) return;
  service = await startService();
  ports = { one: await portBlock(), other: await portBlock(), asleep: await portBlock() };
  caddy = await startCaddy({ kind: 'ports', address: '127.0.0.1' });
  await serve();
});
afterAll(async () => {
  await caddy?.stop();
  await service?.close();
});

function serve(change: Parameters<typeof edgeProject>[3] = {}) {
  const apiKeys = [{ name: 'default', type: 'secret' as const, key: foreignKey }];
  return caddy.serve([
    edgeProject(one, ports.one, service, change),
    edgeProject(other, ports.other, service, { keys: { ...keys, apiKeys, anonKey: 'a', serviceRoleKey: 'b' } }),
    edgeProject(asleep, ports.asleep, service, { state: 'paused' }),
  ]);
}

const key: [string, string] = ['apikey', publishableKey];

describe.skipIf(caddyPath === null)('projects on one edge', () => {
  it('a key counts in its own project only', async () => {
    const status = async (port: number, value: string) =>
      (await send(port, { target: '/rest/v1/a', headers: [['apikey', value]] })).status;
    expect(await status(ports.one, publishableKey)).toBe(200);
    expect(await status(ports.other, publishableKey)).toBe(401);
    expect(await status(ports.other, foreignKey)).toBe(200);
    expect(await status(ports.one, foreignKey)).toBe(401);
    expect(await status(ports.other, `x ${publishableKey}`)).toBe(401);
  });

  it('containers of a project reach it, and only it, at their network’s own address', async () => {
    const internal = await send(ports.one + 1, { target: '/rest/v1/a', headers: [key] });
    expect(internal.status).toBe(200);
    expect((await send(ports.other + 1, { target: '/rest/v1/a', headers: [key] })).status).toBe(401);
  });

  it('a paused project says so to everybody, also to browsers', async () => {
    const { status, body, headers } = await send(ports.asleep, { target: '/rest/v1/a', headers: [key] });
    expect({ status, body: JSON.parse(body), origin: headers['access-control-allow-origin'] }).toMatchObject({
      status: 540,
      body: { message: 'Project paused' },
      origin: '*',
    });
    await expect(send(ports.asleep + 1, {})).rejects.toThrow('ECONNREFUSED');
  });

  it('a service gets what its project orders for it, whatever the caller sent', async () => {
    const pg_meta = { ...service, headers: { 'x-connection-encrypted': 'of {one} $1' } };
    const realtime = { ...service, hostHeader: 'one.realtime' };
    await serve({ upstreams: { pg_meta, realtime } });
    const forged: [string, string] = ['x-connection-encrypted', 'forged'];
    for (const port of [ports.one, ports.one + 1]) {
      service.seen.length = 0;
      await send(port, { target: '/pg/query', headers: [['apikey', secretKey], forged] });
      await send(port, { target: '/realtime/v1/api/x', headers: [key, forged] });
      expect(service.seen.map(({ headers }) => [headers['x-connection-encrypted'], headers.host])).toEqual([
        ['of {one} $1', 'edge.test'],
        [undefined, 'one.realtime'],
      ]);
    }
    const absent = await send(ports.one, { target: '/auth/v1/settings', headers: [key] });
    expect({ status: absent.status, origin: absent.headers['access-control-allow-origin'] }).toEqual({
      status: 501,
      origin: '*',
    });
    await serve();
  });

  it('no answer names the server it came from', async () => {
    for (const target of ['/', '/rest/v1/a', '/rest/v1/a%2f', '/auth/v1/settings']) {
      const { headers } = await send(ports.one, { target, headers: [key] });
      expect([headers.server, headers.via]).toEqual([undefined, undefined]);
    }
  });
});

describe.skipIf(caddyPath === null)('services that fail', () => {
  it('down is 503, silent is 504, and browsers may read both', async () => {
    const silent = await startService(() => {});
    const down = { host: '127.0.0.1', port: await freePort() };
    const config = await serve({ upstreams: { rest: down, auth: { host: silent.host, port: silent.port } } });
    const hasty = JSON.parse(JSON.stringify(config).replaceAll('"60000ms"', '"200ms"'));
    await caddy.admin.load(hasty, AbortSignal.timeout(20_000));
    const answer = async (target: string) => {
      const { status, body, headers } = await send(ports.one, { target, headers: [key] });
      return { status, body: JSON.parse(body), origin: headers['access-control-allow-origin'] };
    };
    expect(await answer('/rest/v1/a')).toEqual({
      status: 503,
      body: { message: 'The rest service of this project is not reachable now.' },
      origin: '*',
    });
    expect(await answer('/auth/v1/user')).toEqual({
      status: 504,
      body: { message: 'The auth service did not answer in time.' },
      origin: '*',
    });
    await serve();
    await silent.close();
  });

  it('an answer that breaks off in the middle is a broken answer, not a short one', async () => {
    const broken = await startService((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('[1,2', () => response.destroy());
    });
    await serve({ upstreams: { rest: broken } });
    await expect(send(ports.one, { target: '/rest/v1/a', headers: [key] })).rejects.toThrow();
    await serve();
    await broken.close();
  });

  it('a caller who leaves ends the request at the service', async () => {
    let ended = false;
    const endless = await startService((_, response) => {
      response.once('close', () => {
        ended = true;
      });
      response.write('[');
    });
    await serve({ upstreams: { rest: endless } });
    const leaving = new AbortController();
    const url = `http://127.0.0.1:${ports.one}/rest/v1/a`;
    await fetch(url, { headers: { apikey: publishableKey }, signal: leaving.signal });
    leaving.abort();
    await until(() => ended, { what: 'the request to end at the service' });
    await serve();
    await endless.close();
  });

  it('an idle connection that the service has dropped costs the caller nothing', async () => {
    for (let round = 0; round < 5; round++) {
      expect((await send(ports.one, { target: '/rest/v1/a', headers: [key] })).status).toBe(200);
      service.server.closeIdleConnections();
    }
  });
});

describe.skipIf(caddyPath === null)('streams', () => {
  it('an answer is passed on as it comes', async () => {
    let more = () => {};
    const events = await startService((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      more = () => response.end('data: 2\n\n');
    });
    await serve({ upstreams: { functions: events } });
    const response = await fetch(`http://127.0.0.1:${ports.one}/functions/v1/events`);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
    more();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 2\n\n');
    await serve();
    await events.close();
  });

  it('a large upload arrives as it comes and whole', async () => {
    const size = 64 * 1024 * 1024;
    const digest = createHash('sha256');
    let firstPiece = () => {};
    const begun = new Promise<void>((resolve) => {
      firstPiece = resolve;
    });
    const storage = await startService((request, response) => {
      request.on('data', (chunk) => {
        firstPiece();
        digest.update(chunk);
      });
      request.on('end', () => response.end(digest.digest('hex')));
    });
    await serve({ upstreams: { storage } });
    const piece = new Uint8Array(256 * 1024).fill(7);
    let sent = 0;
    const body = new ReadableStream({
      async pull(controller) {
        sent += piece.length;
        controller.enqueue(piece);
        // The rest is held back until the service has seen the beginning.
        await begun;
        if (sent >= size) controller.close();
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const answer = await fetch(`http://127.0.0.1:${ports.one}/storage/v1/object/a/b`, init);
    expect(await answer.text()).toBe(createHash('sha256').update(Buffer.alloc(size, 7)).digest('hex'));
    await serve();
    await storage.close();
  });
});

describe.skipIf(caddyPath === null)('websockets', () => {
  it('the key is swapped in the query, bytes pass both ways, and either end ends the other', async () => {
    const echo = await startEcho();
    await serve({ upstreams: { realtime: echo } });
    const path = `/realtime/v1/websocket?apikey=${publishableKey}&vsn=1.0.0`;
    const { socket, head } = await openWebsocket(ports.one, path);
    expect(head).toMatch(/^HTTP\/1.1 101 /);
    expect(echo.handshakes[0]).toMatchObject({
      url: `/socket/websocket?vsn=1.0.0&apikey=${keys.anonKeyAsymmetric}`,
      headers: { 'sec-websocket-key': 'k', 'x-api-key': keys.anonKeyAsymmetric, upgrade: 'websocket' },
    });
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    socket.destroy();
    await until(() => echo.sockets.size === 0, { what: 'the service’s side to end' });

    const second = await openWebsocket(ports.one, path);
    for (const stream of echo.sockets) stream.destroy();
    await once(second.socket, 'close');
    await serve();
    await echo.close();
  });

  it.each([
    ['no key', '/realtime/v1/websocket', 401],
    ['a path that has none', `/rest/v1/todos?apikey=${publishableKey}`, 400],
    ['no route', '/nowhere', 404],
    ['a service that is down', '/functions/v1/socket', 503],
  ])('%s: refused as HTTP', async (_, path, status) => {
    const functions = { host: '127.0.0.1', port: await freePort() };
    await serve({ upstreams: { functions, rest: service, realtime: service } });
    const { socket, head } = await openWebsocket(ports.one, path);
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    socket.destroy();
    await serve();
  });
});

describe.skipIf(caddyPath === null)('bytes on the wire', () => {
  const line = `apikey: ${publishableKey}\r\n`;
  const get = (target: string, headers: string) =>
    `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`;

  it.each<[string, string, number, string[]]>([
    ['two lengths', get('/rest/v1/a', `${line}Content-Length: 1\r\nContent-Length: 2\r\n`), 400, []],
    ['a broken escape', get('/rest/v1/%zz', line), 400, []],
    ['a control character', get('/rest/v1/\u0001', line), 400, []],
    ['another host in the request line', get('http://169.254.169.254/rest/v1/a', line), 200, ['/a']],
    ['no HTTP', 'hello\r\n\r\n', 400, []],
    [
      'two Authorization lines',
      get('/rest/v1/a', `${line}Authorization: Bearer a\r\nAuthorization: Bearer b\r\n`),
      200,
      ['/a'],
    ],
    ['32 KB of headers', get('/rest/v1/a', `${line}x-big: ${'x'.repeat(33_000)}\r\n`), 431, []],
  ])('%s', async (_, bytes, status, reached) => {
    service.seen.length = 0;
    const socket = connect(ports.one, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    // Go does not read on after a head that is too big, so its answer may come with a reset.
    socket.on('error', () => socket.destroy());
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(bytes, 'latin1');
    await closed;
    expect({ head: answer.slice(0, 12), reached: service.seen.map(({ url }) => url) }).toEqual({
      head: `HTTP/1.1 ${status}`,
      reached,
    });
  });

  it('an upload that is refused is not sent first when the caller asks before', async () => {
    const socket = connect(ports.one, '127.0.0.1');
    socket.write('POST /rest/v1/a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer).slice(0, 12)).toBe('HTTP/1.1 401');
    socket.destroy();
  });
});
