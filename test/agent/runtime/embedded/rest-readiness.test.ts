import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Child, startChild } from '../../../../agent/runtime/embedded/child.ts';
import type { Stack } from '../../../../agent/runtime/embedded/host.ts';
import { createRestReadiness } from '../../../../agent/runtime/embedded/rest-readiness.ts';
import { listenOnFreePort } from '../../edge/gateway-fixture.ts';
import { makeSpec, never, refOf } from './support.ts';

/** Programs that only live, for what is asked of processes. */
const children: Child[] = [];
async function anyChild(): Promise<Child> {
  const child = await startChild({
    root: '/nowhere',
    ref: null,
    service: 'template',
    command: 'sleep',
    arguments: ['60'],
    environment: {},
    identity: null,
    workingDirectory: '/',
    output: { writer: () => ({ write: () => undefined, end: () => undefined }), close: () => undefined },
  });
  children.push(child);
  return child;
}

describe('whether a data API is ready', () => {
  let asked: number;
  let status: number;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(status).end();
  });
  let stack: Stack;
  let adminPort: number;

  beforeEach(async () => {
    [asked, status] = [0, 200];
    adminPort = await listenOnFreePort(server);
    const db = { child: await anyChild(), socketDirectory: '/nowhere', port: 1 };
    const rest = { child: await anyChild(), environment: {}, adminPort };
    stack = { spec: await makeSpec(refOf('ready'), 22_000), specHash: '', db, rest, functions: null, gateway: null };
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await child.stop([]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('is asked once, however often one looks, as long as no process changes', async () => {
    const readiness = createRestReadiness();
    for (let look = 0; look < 10; look += 1) expect(await readiness.check(stack, never)).toBe(true);
    expect(asked).toBe(1);
  });

  it('is asked at each look until it is ready', async () => {
    const readiness = createRestReadiness();
    status = 503;
    for (let look = 0; look < 3; look += 1) expect(await readiness.check(stack, never)).toBe(false);
    status = 200;
    for (let look = 0; look < 3; look += 1) expect(await readiness.check(stack, never)).toBe(true);
    expect(asked).toBe(4);
  });

  it('is asked again after a restart of the database, of itself, and after a probe that failed', async () => {
    const readiness = createRestReadiness();
    await readiness.check(stack, never);
    stack.db = { child: await anyChild(), socketDirectory: '/nowhere', port: 1 };
    await readiness.check(stack, never);
    stack.rest = { child: await anyChild(), environment: {}, adminPort };
    await readiness.check(stack, never);
    readiness.doubt(stack);
    status = 503;
    expect(await readiness.check(stack, never)).toBe(false);
    expect(asked).toBe(4);
  });

  it('is not asked when a process has ended: then it is not', async () => {
    const readiness = createRestReadiness();
    await readiness.check(stack, never);
    await stack.db?.child.stop([]);
    expect(await readiness.check(stack, never)).toBe(false);
    expect(asked).toBe(1);
  });
});
