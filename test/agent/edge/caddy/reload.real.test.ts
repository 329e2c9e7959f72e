import { once } from 'node:events';
import { request as openRequest } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ListenerRefused } from '../../../../agent/edge/caddy/edge-admin.ts';
import { RuntimeFailure } from '../../../../agent/runtime-failure.ts';
import { portBlock } from '../../../support/port-block.ts';
import { until } from '../../../support/until.ts';
import { publishableKey } from '../gateway-fixture.ts';
import { caddyPath, type RunningCaddy, startCaddy } from './caddy.ts';
import { edgeProject, send, startService } from './edge-fixture.ts';
import { openWebsocket, startEcho } from './websocket.ts';

const ref = 'oneoneoneoneoneoneon';
const key: [string, string] = ['apikey', publishableKey];

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(): Promise<{ caddy: RunningCaddy; port: number }> {
  const caddy = await startCaddy({ kind: 'ports', address: '127.0.0.1' });
  open.push(() => caddy.stop());
  return { caddy, port: await portBlock() };
}

/** Neighbours that come and go. */
async function neighbours(service: { host: string; port: number }) {
  const ports = [await portBlock(), await portBlock()];
  return ports.map((port, index) => edgeProject(`neighbour${index}`.padEnd(20, 'x'), port, service));
}

describe.skipIf(caddyPath === null)('a reload', () => {
  it('breaks no websocket, no upload and no download', async () => {
    const { caddy, port } = await start();
    const echo = await startEcho();
    const storage = await startService((request, response) => {
      if (request.method === 'POST') {
        let length = 0;
        request.on('data', (chunk) => (length += chunk.length));
        request.on('end', () => response.end(String(length)));
        return;
      }
      response.writeHead(200, { 'content-length': '6' }).flushHeaders();
      download = (text) => response.write(text);
    });
    open.push(
      () => storage.close(),
      () => echo.close(),
    );
    let download = (_: string) => true;
    const project = edgeProject(ref, port, storage, { upstreams: { storage, realtime: echo } });
    const others = await neighbours(storage);
    await caddy.serve([project]);

    const { socket } = await openWebsocket(port, `/realtime/v1/websocket?apikey=${publishableKey}`);
    const upload = openRequest({ port, path: '/storage/v1/object/a', method: 'POST', agent: false });
    const uploaded = once(upload, 'response');
    upload.write('x');
    const response = await fetch(`http://127.0.0.1:${port}/storage/v1/object/b`);
    const reader = response.body?.getReader();
    let downloaded = '';
    for (let round = 0; round < 5; round++) {
      await caddy.serve([project, ...others.slice(0, round % 3)]);
      socket.write(`ping ${round}`);
      expect(String((await once(socket, 'data'))[0])).toBe(`ping ${round}`);
      upload.write('x'.repeat(100_000));
      download(String(round));
      downloaded += Buffer.from((await reader?.read())?.value ?? []).toString();
    }
    upload.end();
    const [answer] = await uploaded;
    expect(String((await once(answer, 'data'))[0])).toBe('500001');
    download('5');
    downloaded += Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(downloaded).toBe('012345');
    await caddy.serve(others);
    socket.write('still');
    expect(String((await once(socket, 'data'))[0])).toBe('still');
    socket.destroy();
    await until(() => echo.sockets.size === 0, { what: 'the websocket to end' });
  });

  it('answers every request it takes; a connection that was not taken yet may have to be made again', async () => {
    const { caddy, port } = await start();
    const service = await startService();
    open.push(() => service.close());
    const project = edgeProject(ref, port, service);
    const others = await neighbours(service);
    await caddy.serve([project]);
    let isDone = false;
    const statuses = new Set<number>();
    let resets = 0;
    const calls = (async () => {
      while (!isDone) {
        const answer = await send(port, { target: '/rest/v1/a', headers: [key] }).catch(() => null);
        if (answer === null) resets += 1;
        else statuses.add(answer.status);
      }
    })();
    for (let round = 0; round < 5; round++) await caddy.serve([project, ...others.slice(0, round % 3)]);
    isDone = true;
    await calls;
    expect([...statuses]).toEqual([200]);
    expect(resets).toBeLessThanOrEqual(5);
  });

  it('with new keys and addresses counts at once, and a removed project is gone', async () => {
    const { caddy, port } = await start();
    const [old, next] = [await startService(), await startService()];
    open.push(
      () => old.close(),
      () => next.close(),
    );
    const before = edgeProject(ref, port, old);
    await caddy.serve([before]);
    expect((await send(port, { target: '/rest/v1/a', headers: [key] })).status).toBe(200);
    const fresh = { name: 'default', type: 'publishable' as const, key: 'sb_publishable_new_12345678' };
    const after = edgeProject(ref, port, next, { keys: { ...before.keys, apiKeys: [fresh] } });
    await caddy.serve([after]);
    expect((await send(port, { target: '/rest/v1/a', headers: [key] })).status).toBe(401);
    expect((await send(port, { target: '/rest/v1/a', headers: [['apikey', fresh.key]] })).status).toBe(200);
    expect({ old: old.seen.length, next: next.seen.length }).toEqual({ old: 1, next: 1 });
    await caddy.serve([]);
    await expect(send(port, {})).rejects.toThrow('ECONNREFUSED');
  });
});

describe.skipIf(caddyPath === null)('the last good configuration', () => {
  it('is back after Caddy was killed, without the agent', async () => {
    const { caddy, port } = await start();
    const service = await startService();
    open.push(() => service.close());
    const config = await caddy.serve([edgeProject(ref, port, service)]);
    await caddy.restart('SIGKILL');
    expect((await send(port, { target: '/rest/v1/a', headers: [key] })).status).toBe(200);
    expect(await caddy.admin.read(AbortSignal.timeout(5_000))).toEqual(JSON.parse(JSON.stringify(config)));
  });

  it('stays when a port is taken, and the failure names whose it is', async () => {
    const { caddy, port } = await start();
    const service = await startService();
    open.push(() => service.close());
    const project = edgeProject(ref, port, service);
    const [late] = await neighbours(service);
    if (late === undefined) throw new Error('no neighbour');
    await caddy.serve([project]);
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(late.port, '127.0.0.1', resolve));
    open.push(() => new Promise((resolve) => stranger.close(resolve)));

    const refused = await caddy.serve([project, late]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ListenerRefused);
    expect(refused).toMatchObject({ address: `127.0.0.1:${late.port}`, ref: late.ref });
    expect(String(refused)).toContain(`127.0.0.1:${late.port}`);
    expect((await send(port, { target: '/rest/v1/a', headers: [key] })).status).toBe(200);
    await caddy.restart('SIGKILL');
    expect((await send(port, { target: '/rest/v1/a', headers: [key] })).status).toBe(200);
  });

  it('stays when Caddy cannot read the new one, and no key is in the failure', async () => {
    const { caddy, port } = await start();
    const service = await startService();
    open.push(() => service.close());
    const config = await caddy.serve([edgeProject(ref, port, service)]);
    const broken = JSON.parse(JSON.stringify(config).replace('"handler":"subroute"', '"handler":"no_such_thing"'));
    const refused = caddy.admin.load(broken, AbortSignal.timeout(5_000));
    await expect(refused).rejects.toBeInstanceOf(RuntimeFailure);
    await expect(refused).rejects.toThrow('no_such_thing');
    await expect(refused).rejects.not.toThrow(/sb_|eyJ/);
    expect((await send(port, { target: '/rest/v1/a', headers: [key] })).status).toBe(200);
  });
});
