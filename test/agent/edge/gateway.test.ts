import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  request as openRequest,
  type RequestListener,
  type Server,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createUpstreamFinder } from '../../../agent/edge/find-upstream.ts';
import { type Gateway, type GatewayConfig, openGateway } from '../../../agent/edge/gateway.ts';
import { RuntimeFailure } from '../../../agent/runtime-failure.ts';
import { systemClock } from '../../../agent/system.ts';
import { matchRoute } from '../../../schema/gateway-routes.ts';
import { freePort } from '../../support/sqld.ts';
import { until } from '../../support/until.ts';
import { gatewayConfig, keys, listenOnFreePort, publishableKey, recordingLog, secretKey } from './gateway-fixture.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

type Seen = { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders; body: string };

/** A service that answers by the listener given, or with what it was asked. */
async function startService(
  listener?: RequestListener,
): Promise<{ host: string; port: number; server: Server; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    if (listener !== undefined) return listener(request, response);
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      response.setHeader('content-type', 'application/json');
      response.setHeader('access-control-allow-origin', 'https://only.example');
      response.end('{"ok":true}');
    });
  });
  open.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { host: '127.0.0.1', port: await listenOnFreePort(server), server, seen };
}

async function start(upstreams: GatewayConfig['upstreams']) {
  const log = recordingLog();
  const config = gatewayConfig(await freePort(), upstreams);
  const gateway: Gateway = await openGateway(config, { log, clock: systemClock });
  open.push(() => gateway.close());
  return { gateway, config, log, url: `http://127.0.0.1:${config.port}` };
}

/** A request with its path as written: fetch would tidy it up first. */
async function rawRequest(url: string, path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { port } = new URL(url);
  const request = openRequest({ host: '127.0.0.1', port, path, headers, method, agent: false });
  request.end();
  const [response] = await once(request, 'response');
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: Number(response.statusCode), body, headers: response.headers as IncomingHttpHeaders };
}

const withKey = { apikey: publishableKey };

describe('what a service gets', () => {
  it('method, path, query, body and headers as sent, the key swapped, and who the caller is', async () => {
    const rest = await startService();
    const { url, config } = await start({ rest });
    const response = await fetch(`${url}/rest/v1/todos?select=*&id=eq.1`, {
      method: 'PATCH',
      headers: { ...withKey, prefer: 'return=minimal', 'content-type': 'application/json' },
      body: '{"done":true}',
    });
    expect({ status: response.status, body: await response.json() }).toEqual({ status: 200, body: { ok: true } });
    const [seen] = rest.seen;
    expect(seen).toMatchObject({ method: 'PATCH', url: '/todos?select=*&id=eq.1', body: '{"done":true}' });
    expect(seen?.headers).toMatchObject({
      prefer: 'return=minimal',
      authorization: `Bearer ${keys.anonKeyAsymmetric}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': `127.0.0.1:${config.port}`,
      'x-forwarded-proto': 'http',
      'x-forwarded-port': String(config.port),
      'x-forwarded-prefix': '/rest/v1',
      host: `127.0.0.1:${rest.port}`,
    });
  });

  it('nothing a caller may not say: forwarding headers, hop headers, the connection of postgres-meta', async () => {
    const rest = await startService();
    const meta = await startService();
    const { url, config } = await start({ rest, pg_meta: meta });
    const forged = {
      'x-forwarded-for': '6.6.6.6',
      'x-forwarded-host': 'evil.example',
      'x-real-ip': '6.6.6.6',
      forwarded: 'for=6.6.6.6',
      pg: 'postgresql://evil',
      'x-connection-encrypted': 'evil',
      connection: 'close, x-secret-hop',
      'x-secret-hop': '1',
      te: 'trailers',
    };
    await rawRequest(url, '/rest/v1/todos', { ...withKey, ...forged });
    await rawRequest(url, '/pg/query', { apikey: secretKey, ...forged }, 'POST');
    for (const { headers } of [...rest.seen, ...meta.seen]) {
      expect(JSON.stringify(headers)).not.toMatch(/6\.6\.6\.6|evil|x-secret-hop|trailers/);
    }
    expect(rest.seen[0]?.headers.pg).toBeUndefined();
    expect(meta.seen[0]).toMatchObject({ url: '/query', headers: { pg: config.metaConnectionString } });
  });

  it('GraphQL goes to the data API’s function in its own schema', async () => {
    const rest = await startService();
    const { url } = await start({ rest });
    await fetch(`${url}/graphql/v1`, {
      method: 'POST',
      headers: { ...withKey, 'content-profile': 'auth' },
      body: '{}',
    });
    expect(rest.seen[0]).toMatchObject({ url: '/rpc/graphql', headers: { 'content-profile': 'graphql_public' } });
  });

  it('HEAD has no body, and a body that is sent in chunks arrives whole, also with DELETE', async () => {
    const rest = await startService();
    const { url } = await start({ rest });
    const head = await fetch(`${url}/rest/v1/todos`, { method: 'HEAD', headers: withKey });
    expect({ status: head.status, body: await head.text() }).toEqual({ status: 200, body: '' });
    const body = new Blob(['chunk ', 'by ', 'chunk']).stream();
    await fetch(`${url}/rest/v1/todos`, { method: 'DELETE', headers: withKey, body, duplex: 'half' } as RequestInit);
    await fetch(`${url}/rest/v1/rpc/x`, { method: 'POST', headers: withKey });
    expect(rest.seen.slice(1).map((seen) => seen.body)).toEqual(['chunk by chunk', '']);
  });
});

describe('what a caller is told', () => {
  it.each<[string, Record<string, string>, number, string]>([
    ['/', {}, 404, 'no Route matched with those values'],
    ['/nowhere', withKey, 404, 'no Route matched with those values'],
    ['/rest/v1/todos', {}, 401, 'No API key found in request'],
    ['/rest/v1/todos', { apikey: 'sb_publishable_wrong' }, 401, 'Invalid API key'],
    ['/rest/v1/', withKey, 403, 'This path needs a secret key'],
    ['/pg/query', withKey, 403, 'This path needs a secret key'],
    ['/functions/v1/../../pg/query', {}, 401, 'No API key found in request'],
    ['/functions/v1/%2e%2e/%2e%2e/pg/query', withKey, 403, 'This path needs a secret key'],
    ['/functions/v1/..%2f..%2fpg/query', {}, 400, 'The path of this request cannot be read safely.'],
    ['/auth/v1/settings', withKey, 501, 'The auth service does not run in this project.'],
    ['/storage/v1/bucket', withKey, 501, 'The storage service does not run in this project.'],
  ])('%s with %j: %s %s', async (path, headers, status, message) => {
    const service = await startService();
    const { url } = await start({ rest: service, pg_meta: service, functions: service });
    const response = await rawRequest(url, path, headers);
    expect(response.status).toBe(status);
    expect(JSON.parse(response.body)).toMatchObject({ message });
    expect(service.seen).toEqual([]);
  });

  it('a service that is down is 503, says so to browsers too, and no key reaches the log', async () => {
    const { url, log } = await start({ rest: { host: '127.0.0.1', port: await freePort() } });
    const path = `${url}/rest/v1/todos?apikey=${secretKey}`;
    const response = await fetch(path, { headers: { authorization: `Bearer ${keys.serviceRoleKey}` } });
    expect(response.status).toBe(503);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual({ message: 'The rest service of this project is not reachable now.' });
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toContain('"path":"/rest/v1/todos"');
    expect(log.lines[0]).not.toMatch(/sb_|eyJ|apikey/);
  });

  it('a service that breaks off in the middle is a broken answer, not a short one', async () => {
    const rest = await startService((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('[1,2', () => response.destroy());
    });
    const { url } = await start({ rest });
    await expect(fetch(`${url}/rest/v1/todos`, { headers: withKey }).then((answer) => answer.text())).rejects.toThrow();
  });

  it('a caller who leaves ends the request at the service', async () => {
    let ended = false;
    const rest = await startService((_, response) => {
      response.once('close', () => {
        ended = true;
      });
      response.write('[');
    });
    const { url } = await start({ rest });
    const leaving = new AbortController();
    await fetch(`${url}/rest/v1/todos`, { headers: withKey, signal: leaving.signal });
    leaving.abort();
    await until(() => ended, { what: 'the request to end at the service' });
  });
});

describe('browsers', () => {
  const preflight = {
    origin: 'https://app.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'apikey,authorization,x-client-info,content-profile',
  };

  it('a preflight is answered without a key and without the service', async () => {
    const rest = await startService();
    const { url } = await start({ rest });
    for (const path of ['/rest/v1/todos', '/auth/v1/token', '/functions/v1/hello']) {
      const response = await fetch(url + path, { method: 'OPTIONS', headers: preflight });
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-allow-methods')).toContain('PATCH');
      expect(response.headers.get('access-control-allow-headers')).toBe(preflight['access-control-request-headers']);
    }
    expect(rest.seen).toEqual([]);
  });

  it('any other OPTIONS is the service’s own, and postgres-meta is not for browsers', async () => {
    const rest = await startService();
    const { url } = await start({ rest, pg_meta: rest });
    expect((await fetch(`${url}/rest/v1/todos`, { method: 'OPTIONS', headers: withKey })).status).toBe(200);
    const meta = await fetch(`${url}/pg/query`, { method: 'OPTIONS', headers: preflight });
    expect({ status: meta.status, origin: meta.headers.get('access-control-allow-origin') }).toEqual({
      status: 401,
      origin: null,
    });
  });

  it('every answer may be read, and a function may narrow that', async () => {
    const service = await startService();
    const { url } = await start({ rest: service, functions: service });
    const origin = async (path: string) =>
      (await fetch(url + path, { headers: withKey })).headers.get('access-control-allow-origin');
    expect(await origin('/rest/v1/todos')).toBe('*');
    expect(await origin('/functions/v1/hello')).toBe('https://only.example');
    const refused = await fetch(`${url}/rest/v1/todos`);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('bytes on the wire', () => {
  const key = `apikey: ${publishableKey}\r\n`;
  const get = (line: string, headers: string) =>
    `GET ${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`;

  it.each<[string, string, number, string[]]>([
    ['two lengths', get('/rest/v1/a', `${key}Content-Length: 1\r\nContent-Length: 2\r\n`), 400, []],
    ['a length and chunks', get('/rest/v1/a', `${key}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n`), 400, []],
    ['a key twice', get('/rest/v1/a', key + key), 401, []],
    ['a key named as a hop header', get('/rest/v1/a', `${key}Connection: apikey\r\n`), 200, ['/a']],
    ['another host in the request line', get('http://169.254.169.254/rest/v1/a', key), 200, ['/a']],
    ['an upgrade to HTTP/2', get('/rest/v1/a', `${key}Connection: Upgrade\r\nUpgrade: h2c\r\n`), 200, ['/a']],
    ['no HTTP', 'hello\r\n\r\n', 400, []],
  ])('%s', async (_, bytes, status, reached) => {
    const rest = await startService();
    const { url } = await start({ rest });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('error', () => socket.destroy());
    socket.write(bytes, 'latin1');
    await once(socket, 'close');
    expect({ head: answer.slice(0, 12), reached: rest.seen.map((seen) => seen.url) }).toEqual({
      head: `HTTP/1.1 ${status}`,
      reached,
    });
  });
});

describe('streams', () => {
  it('an answer is passed on as it comes', async () => {
    let more = () => {};
    const functions = await startService((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      more = () => response.end('data: 2\n\n');
    });
    const { url } = await start({ functions });
    const response = await fetch(`${url}/functions/v1/events`);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
    more();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 2\n\n');
  });

  it('a large upload is passed on as it comes and never held', async () => {
    const size = 64 * 1024 * 1024;
    const digest = createHash('sha256');
    const storage = await startService((request, response) => {
      request.on('data', (chunk) => digest.update(chunk));
      request.on('end', () => response.end(digest.digest('hex')));
    });
    const { url } = await start({ storage });
    const piece = new Uint8Array(256 * 1024).fill(7);
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += piece.length;
        controller.enqueue(piece);
        if (sent >= size) controller.close();
      },
    });
    const before = process.memoryUsage().rss;
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const answer = await (await fetch(`${url}/storage/v1/object/a/b`, init)).text();
    expect(process.memoryUsage().rss - before).toBeLessThan(size * 2);
    expect(answer).toBe(createHash('sha256').update(Buffer.alloc(size, 7)).digest('hex'));
  });

  it('an upload that is refused is not sent first when the caller asks before', async () => {
    const { url } = await start({ rest: await startService() });
    const { port } = new URL(url);
    const headers = { expect: '100-continue', 'content-length': '1000000' };
    const request = openRequest({ host: '127.0.0.1', port, path: '/rest/v1/todos', method: 'POST', headers });
    let continued = false;
    request.on('continue', () => {
      continued = true;
    });
    request.flushHeaders();
    const [response] = await once(request, 'response');
    expect({ status: response.statusCode, continued }).toEqual({ status: 401, continued: false });
    request.destroy();
  });
});

describe('websockets', () => {
  /** Agrees to every handshake and sends back what it gets. */
  async function startEcho() {
    const service = await startService();
    const handshakes: Seen[] = [];
    const sockets = new Set<Socket>();
    service.server.on('upgrade', (request, stream) => {
      const socket = request.socket;
      handshakes.push({ method: request.method, url: request.url, headers: request.headers, body: '' });
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      stream.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n',
      );
      stream.pipe(stream);
    });
    return { ...service, handshakes, sockets };
  }

  async function handshake(url: string, path: string): Promise<{ socket: Socket; head: string }> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n`,
    );
    const [chunk] = await once(socket, 'data');
    return { socket, head: String(chunk) };
  }

  it('the key is swapped in the query, bytes pass both ways, and either end ends the other', async () => {
    const realtime = await startEcho();
    const { url } = await start({ realtime });
    const { socket, head } = await handshake(url, `/realtime/v1/websocket?apikey=${publishableKey}&vsn=1.0.0`);
    expect(head).toMatch(/^HTTP\/1.1 101 /);
    expect(realtime.handshakes[0]).toMatchObject({
      url: `/socket/websocket?vsn=1.0.0&apikey=${keys.anonKeyAsymmetric}`,
      headers: { 'sec-websocket-key': 'k', 'x-api-key': keys.anonKeyAsymmetric, upgrade: 'websocket' },
    });
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    socket.destroy();
    await until(() => realtime.sockets.size === 0, { what: 'the service’s side to end' });

    const second = await handshake(url, `/realtime/v1/websocket?apikey=${publishableKey}`);
    for (const one of realtime.sockets) one.destroy();
    await once(second.socket, 'close');
  });

  it.each([
    ['no key', '/realtime/v1/websocket', 401],
    ['a path that has none', '/rest/v1/todos?apikey=sb_publishable_abc_12345678', 400],
    ['no route', '/nowhere', 404],
    ['a service that is down', '/functions/v1/socket', 503],
  ])('%s: refused as HTTP, and the connection ends', async (_, path, status) => {
    const realtime = await startEcho();
    const functions = { host: '127.0.0.1', port: await freePort() };
    const { url } = await start({ realtime, rest: realtime, functions });
    const { socket, head } = await handshake(url, path);
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (!socket.closed) await once(socket, 'close');
    expect(realtime.handshakes).toEqual([]);
  });

  it('a service that does not agree answers in its own words', async () => {
    const realtime = await startService((_, response) => response.writeHead(403).end('no'));
    const { url } = await start({ realtime });
    const { head } = await handshake(url, `/realtime/v1/websocket?apikey=${publishableKey}`);
    expect(head).toMatch(/^HTTP\/1.1 403 /);
  });

  it('a closing gateway ends them', async () => {
    const realtime = await startEcho();
    const { url, gateway } = await start({ realtime });
    const { socket } = await handshake(url, `/realtime/v1/websocket?apikey=${publishableKey}`);
    const gone = once(socket, 'close');
    await gateway.close();
    await gone;
    await until(() => realtime.sockets.size === 0, { what: 'the service’s side to end' });
  });
});

describe('services that start on the first request', () => {
  it('start once for callers who come together, and again when they are asked later', async () => {
    const service = await startService();
    let starts = 0;
    const functions = {
      start: async () => {
        starts += 1;
        return service;
      },
    };
    const { url } = await start({ functions });
    await fetch(`${url}/functions/v1/hello`);
    await fetch(`${url}/functions/v1/hello`);
    expect({ starts, calls: service.seen.length }).toEqual({ starts: 2, calls: 2 });

    const match = matchRoute('/functions/v1/hello');
    if (match === null) throw new Error('no route');
    const findUpstream = createUpstreamFinder(systemClock);
    const found = await Promise.all([1, 2, 3].map(() => findUpstream(functions, match.route)));
    expect({ starts, found: found.map(({ kind }) => kind) }).toEqual({ starts: 3, found: ['found', 'found', 'found'] });
  });

  it('that cannot start say why', async () => {
    const failure = new RuntimeFailure('Deno is missing: run the start again.');
    const { url } = await start({ functions: { start: () => Promise.reject(failure) } });
    const response = await fetch(`${url}/functions/v1/hello`);
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 503,
      body: { message: failure.message },
    });
  });
});

describe('the gateway itself', () => {
  it('a port that is taken is named', async () => {
    const { config } = await start({});
    const second = openGateway(config, { log: recordingLog(), clock: systemClock });
    await expect(second).rejects.toBeInstanceOf(RuntimeFailure);
    await expect(second).rejects.toThrow(`Port ${config.port} of this project is in use by another process.`);
  });

  it('new keys and upstreams count at once, and another address is refused', async () => {
    const [old, next] = [await startService(), await startService()];
    const { gateway, config, url } = await start({ rest: old });
    const fresh = { name: 'default', type: 'publishable' as const, key: 'sb_publishable_new_12345678' };
    gateway.update({ ...config, upstreams: { rest: next }, keys: { ...keys, apiKeys: [fresh] } });
    expect((await fetch(`${url}/rest/v1/todos`, { headers: withKey })).status).toBe(401);
    expect((await fetch(`${url}/rest/v1/todos`, { headers: { apikey: fresh.key } })).status).toBe(200);
    expect({ old: old.seen.length, next: next.seen.length }).toEqual({ old: 0, next: 1 });
    expect(() => gateway.update({ ...config, port: config.port + 1 })).toThrow(RuntimeFailure);
  });

  it('closes at once with idle connections, and gives a running request a moment only', async () => {
    const rest = await startService((_, response) => response.write('['));
    const { gateway, url } = await start({ rest, functions: await startService() });
    await fetch(`${url}/functions/v1/hello`);
    const running = await fetch(`${url}/rest/v1/todos`, { headers: withKey });
    await gateway.close();
    await expect(running.text()).rejects.toThrow();
  });

  it('headers over 32 KB are refused', async () => {
    const { url } = await start({ rest: await startService() });
    const response = await rawRequest(url, '/rest/v1/todos', { ...withKey, 'x-big': 'x'.repeat(33_000) });
    expect(response.status).toBe(431);
  });

  it('an idle connection that the service has dropped costs the caller nothing', async () => {
    const rest = await startService();
    const { url } = await start({ rest });
    for (let round = 0; round < 3; round++) {
      expect((await fetch(`${url}/rest/v1/todos`, { headers: withKey })).status).toBe(200);
      rest.server.closeIdleConnections();
    }
  });
});
