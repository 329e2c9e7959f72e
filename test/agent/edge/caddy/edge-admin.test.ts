import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createEdgeAdmin, ListenerRefused } from '../../../../agent/edge/caddy/edge-admin.ts';
import { renderEdge } from '../../../../agent/edge/caddy/render-edge.ts';
import { RuntimeFailure } from '../../../../agent/runtime-failure.ts';
import { secretKey } from '../gateway-fixture.ts';
import { edgeProject } from './edge-fixture.ts';

const ref = 'oneoneoneoneoneoneon';
const config = renderEdge([edgeProject(ref, 20_000, { host: '10.9.0.4', port: 3000 })], {
  edge: { kind: 'ports', address: '0.0.0.0' },
  projectHost: 'projects.test',
  adminSocket: '/edge/admin.sock',
  storage: '/edge/data',
});

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function adminOf(listener: RequestListener | null, options: { timeoutMs?: number } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'edge-admin-'));
  open.push(() => rm(directory, { recursive: true, force: true }));
  const socketPath = join(directory, 'admin.sock');
  if (listener !== null) {
    const server: Server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    open.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
  }
  return createEdgeAdmin({ socketPath, ...options });
}

function refusing(reason: string): RequestListener {
  return (_, response) => response.writeHead(400).end(JSON.stringify({ error: reason }));
}

describe('the edge’s admin socket', () => {
  it('a Caddy that is not there is said to be so', async () => {
    const admin = await adminOf(null);
    const loading = admin.load(config, AbortSignal.timeout(5_000));
    await expect(loading).rejects.toEqual(new RuntimeFailure('The edge cannot be reached: it does not run.'));
  });

  it('a Caddy that hangs is given up at the deadline', async () => {
    const admin = await adminOf(() => {}, { timeoutMs: 50 });
    const loading = admin.load(config, AbortSignal.timeout(5_000));
    await expect(loading).rejects.toEqual(new RuntimeFailure('The edge did not answer within 0.05 s.'));
  });

  it('a caller who gives up gets his own reason', async () => {
    const admin = await adminOf(() => {});
    const leaving = new AbortController();
    const loading = admin.load(config, leaving.signal);
    leaving.abort(new Error('the project’s deadline is over'));
    await expect(loading).rejects.toThrow('the project’s deadline is over');
  });

  it.each([
    ['0.0.0.0:20000', ref],
    ['127.0.0.1:20001', ref],
    ['[::]:443', null],
  ])('a taken address %s is told with its project', async (address, owner) => {
    const words = `loading new config: http app module: start: listening on ${address}: listen tcp ${address}: bind: address already in use`;
    const admin = await adminOf(refusing(words));
    const failure = await admin.load(config, AbortSignal.timeout(5_000)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ListenerRefused);
    expect(failure).toMatchObject({ address, ref: owner });
    expect(String(failure)).toContain('it is in use by another process');
  });

  it('a refusal is passed on in short, and never with a key in it', async () => {
    const admin = await adminOf(
      refusing(`bad input "${ref} ${secretKey}" in eyJhbGciOi.eyJyb2xlIjo.c2ln ${'x'.repeat(9_000)}`),
    );
    const failure = String(await admin.load(config, AbortSignal.timeout(5_000)).catch((error: unknown) => error));
    expect(failure).toContain('bad input');
    expect(failure.length).toBeLessThan(700);
    expect(failure).not.toMatch(/sb_secret_abc|eyJ/);
  });

  it('an answer that is no JSON is no riddle', async () => {
    const admin = await adminOf((_, response) => response.writeHead(502).end('<html>'));
    await expect(admin.load(config, AbortSignal.timeout(5_000))).rejects.toBeInstanceOf(RuntimeFailure);
    await expect(admin.read(AbortSignal.timeout(5_000))).rejects.toBeInstanceOf(RuntimeFailure);
  });
});
