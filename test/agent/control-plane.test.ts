import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createControlPlane } from '../../agent/control-plane.ts';
import { ControlPlaneFailure } from '../../agent/control-plane-failure.ts';
import { createHostKey, signingKeyOf } from '../../agent/keys.ts';
import { signedHeaders } from '../../agent/sign.ts';
import { type FakeApi, json, startFakeApi } from '../support/fake-api.ts';
import { runningSpec } from '../support/specs.ts';

const now = 1_800_000_000_000;
const privateKey = signingKeyOf(createHostKey());
const hostId = '11111111-1111-4111-8111-111111111111';
const { signal } = new AbortController();

let api: FakeApi | null = null;
afterEach(async () => api?.close());

async function against(answer: (response: ServerResponse) => void) {
  const started = await startFakeApi((_request, response) => answer(response));
  api = started;
  return {
    api: started,
    controlPlane: createControlPlane({ url: started.url, hostId, privateKey }, { now: () => now }),
  };
}

async function failureOf(answer: (response: ServerResponse) => void): Promise<ControlPlaneFailure> {
  const { controlPlane } = await against(answer);
  const error = await controlPlane.desired(3, signal).catch((thrown: unknown) => thrown);
  if (!(error instanceof ControlPlaneFailure)) throw new Error(`not a ControlPlaneFailure: ${String(error)}`);
  return error;
}

test('a poll is signed over the very path and query it asks for, and gives the list', async () => {
  const list = { cursor: 4, pollIntervalMs: 1000, reportSequence: 2, projects: [runningSpec('a')] };
  const { api, controlPlane } = await against((response) => json(response, 200, list));
  expect(await controlPlane.desired(3, signal)).toEqual(list);
  const [request] = api.received;
  expect(request?.url).toBe('/agent/v1/desired?cursor=3');
  const signable = { method: 'GET', pathAndQuery: '/agent/v1/desired?cursor=3', body: '', timestamp: now };
  expect(request?.headers).toMatchObject(signedHeaders(signable, { hostId, privateKey }));
});

test('nothing new is null', async () => {
  const { controlPlane } = await against((response) => response.writeHead(304).end());
  expect(await controlPlane.desired(3, signal)).toBeNull();
});

test('a first poll asks for everything', async () => {
  const { api, controlPlane } = await against((response) => response.writeHead(304).end());
  await controlPlane.desired(null, signal);
  expect(api.received[0]?.url).toBe('/agent/v1/desired');
});

test.each<[string, number, unknown, string]>([
  ['a revoked host', 403, { message: 'This host was revoked', code: 'forbidden', reason: 'revoked' }, 'revoked'],
  ['a key nobody knows', 401, { message: 'Unknown host', code: 'unauthenticated' }, 'not-recognized'],
  ['a key it forbids for another reason', 403, { message: 'no', code: 'forbidden' }, 'not-recognized'],
  [
    'a gateway that calls it revoked',
    401,
    { message: 'no', code: 'unauthenticated', reason: 'revoked' },
    'not-recognized',
  ],
  ['a gateway that wants an upgrade', 426, { message: 'no', code: 'upgrade' }, 'refused'],
  ['an old version', 426, { message: 'too old', code: 'agent_version_unsupported' }, 'version-unsupported'],
  ['a sequence', 409, { message: 'order', code: 'conflict', reason: 'sequence' }, 'sequence-conflict'],
  ['an invalid body', 400, { message: 'no', code: 'invalid_input' }, 'refused'],
  ['a proxy that wants a password', 401, 'who are you?', 'unreachable'],
  ['a firewall', 403, { error: 'blocked' }, 'unreachable'],
  ['a broken control plane', 500, { message: 'no', code: 'internal' }, 'unreachable'],
  ['a proxy that limits', 429, { message: 'later', code: 'slow_down' }, 'unreachable'],
  ['a list that is none', 200, { cursor: 'x' }, 'unreachable'],
])('the answer to %s is told apart', async (_situation, status, body, kind) => {
  expect((await failureOf((response) => json(response, status, body))).kind).toBe(kind);
});

test('a wrong clock is named with how wrong it is, and does not end the agent', async () => {
  const body = { message: 'clock', code: 'unauthenticated', reason: 'clock_skew', now: now + 90_000 };
  const failure = await failureOf((response) => json(response, 401, body));
  expect(failure).toMatchObject({ kind: 'clock-skew' });
  expect(failure.message).toContain("90 s behind the control plane's");
});

test('a redirect is not followed: it could take a signed request elsewhere', async () => {
  const failure = await failureOf((response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end());
  expect(failure.kind).toBe('unreachable');
});

test('an answer that breaks off is no answer', async () => {
  const failure = await failureOf((response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"cursor":');
    setImmediate(() => response.destroy());
  });
  expect(failure.kind).toBe('unreachable');
});

test('nobody listening says so with the address', async () => {
  const { controlPlane, api } = await against(() => {});
  await api.close();
  await expect(controlPlane.desired(null, signal)).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.stringContaining(api.url),
  });
});
