import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { ProjectRequest } from '../../worker/deps.ts';
import { createProjectGateway } from '../../worker/project-gateway.ts';

const servers: Server[] = [];

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `127.0.0.1:${address.port}`;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const gateway = createProjectGateway((request) => fetch(request));
const requestTo = (endpoint: string, changes: Partial<ProjectRequest> = {}): ProjectRequest => ({
  protocol: 'http',
  endpoint,
  method: 'GET',
  path: '/pg/tables?limit=1',
  headers: { apikey: 'service' },
  timeoutMs: 5_000,
  maximumBytes: 1024,
  ...changes,
});

describe('a request into a project', () => {
  test('arrives with the path, body and headers it was given, and none of a caller', async () => {
    let seen: { url: string | undefined; headers: Record<string, unknown>; body: string } | undefined;
    const endpoint = await listen((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        seen = { url: request.url, headers: request.headers, body };
        response.writeHead(201, { 'content-type': 'application/json' }).end('[{"é":1}]');
      });
    });
    const response = await gateway.fetch(
      requestTo(endpoint, { method: 'POST', body: '{"query":"select 1"}', path: '/pg/query' }),
    );
    expect(response).toMatchObject({ status: 201, body: '[{"é":1}]' });
    expect(seen).toMatchObject({ url: '/pg/query', body: '{"query":"select 1"}', headers: { apikey: 'service' } });
    expect(seen?.headers).not.toHaveProperty('authorization');
    expect(seen?.headers).not.toHaveProperty('cookie');
  });

  test('is given up when its time is over, also in the middle of the answer', async () => {
    const silent = await listen(() => undefined);
    await expect(gateway.fetch(requestTo(silent, { timeoutMs: 100 }))).rejects.toMatchObject({
      code: 'project_timeout',
    });
    const halfway = await listen((_, response) => {
      response.writeHead(200);
      response.write('[');
    });
    await expect(gateway.fetch(requestTo(halfway, { timeoutMs: 100 }))).rejects.toMatchObject({
      code: 'project_timeout',
    });
  });

  test('does not read an answer beyond the limit', async () => {
    let sent = 0;
    const endless = await listen((request, response) => {
      const more = () => {
        if (request.socket.destroyed) return;
        sent += 65_536;
        response.write(Buffer.alloc(65_536), () => setImmediate(more));
      };
      more();
    });
    await expect(gateway.fetch(requestTo(endless, { maximumBytes: 1024 * 1024 }))).rejects.toMatchObject({
      code: 'payload_too_large',
      message: expect.stringContaining('1 MB'),
    });
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  test('follows no redirect', async () => {
    let followed = false;
    const target = await listen((_, response) => {
      followed = true;
      response.end('secret');
    });
    const endpoint = await listen((_, response) => response.writeHead(302, { location: `http://${target}/` }).end());
    await expect(gateway.fetch(requestTo(endpoint))).rejects.toMatchObject({ code: 'project_unreachable' });
    expect(followed).toBe(false);
  });

  test('that meets a reset, a closed port or an unusable address is unreachable, without naming it', async () => {
    const resetting = await listen((request) => request.socket.resetAndDestroy());
    const closed = '127.0.0.1:1';
    for (const endpoint of [resetting, closed, 'user@127.0.0.1:80', '127.0.0.1:80/x?', '', 'a b']) {
      await expect(gateway.fetch(requestTo(endpoint))).rejects.toMatchObject({
        code: 'project_unreachable',
        message: expect.not.stringContaining('127.0.0.1'),
      });
    }
  });
});
