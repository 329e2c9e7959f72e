import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createControlPlane } from '../../agent/control-plane.ts';
import { greet } from '../../agent/greet.ts';
import { createHostKey, signingKeyOf } from '../../agent/keys.ts';
import { agentHeaders, protocolVersion } from '../../schema/agent-protocol.ts';
import { type FakeApi, json, startFakeApi } from '../support/fake-api.ts';

const now = Date.parse('2026-11-21T10:00:00Z');

let answer: (response: ServerResponse) => void;
let api: FakeApi;
beforeEach(async () => {
  answer = (response) => {
    response.setHeader(agentHeaders.served, `${protocolVersion - 1} ${protocolVersion}`);
    response.setHeader('date', new Date(now).toUTCString());
    json(response, 401, { message: 'Not signed', code: 'unauthenticated' });
  };
  api = await startFakeApi((_request, response) => answer(response));
});
afterEach(() => api.close());

const ask = (clock = now) => greet(api.url, { now: () => clock }, { timeoutMs: 2_000 });

test('a control plane says what it serves and what time it is, and gets no key and no name for it', async () => {
  expect(await ask(now + 40_500)).toEqual({ served: [protocolVersion - 1, protocolVersion], skewMs: 40_000 });
  expect(Object.keys(api.received[0]?.headers ?? {}).filter((name) => name.startsWith('x-supafleet'))).toEqual([
    agentHeaders.version,
  ]);
});

test('one from before it said so is taken at its word', async () => {
  answer = (response) => json(response, 401, { message: 'Not signed', code: 'unauthenticated' });
  expect((await ask()).served).toBeNull();
});

test.each([
  ['an older agent', `${protocolVersion + 1} ${protocolVersion + 2}`, 'a newer agent'],
  ['a newer agent', '0', 'an older agent'],
])('%s learns that it is not served, and what to install', async (_what, served, advice) => {
  answer = (response) => {
    response.setHeader(agentHeaders.served, served);
    json(response, 401, { message: 'Not signed', code: 'unauthenticated' });
  };
  const failure = await ask().catch((error: unknown) => error);
  expect(failure).toMatchObject({ kind: 'version-unsupported' });
  expect(String(failure)).toContain(advice);
});

test('a refusal of this version is told in the words of the control plane', async () => {
  answer = (response) => json(response, 426, { message: 'Install 2.0', code: 'agent_version_unsupported' });
  await expect(ask()).rejects.toMatchObject({ kind: 'version-unsupported', message: 'Install 2.0' });
});

test.each<[string, (response: ServerResponse) => void]>([
  ['a web page', (response) => response.end('<h1>hello</h1>')],
  ['a login wall', (response) => response.writeHead(401).end('who are you')],
  ['another API', (response) => json(response, 404, { message: 'no such thing' })],
  ['a broken line', (response) => response.destroy()],
])('%s is no control plane', async (_what, other) => {
  answer = other;
  await expect(ask()).rejects.toMatchObject({ kind: 'unreachable' });
});

test('a list of a control plane that does not serve this agent is refused before it is used', async () => {
  answer = (response) => {
    response.setHeader(agentHeaders.served, `${protocolVersion + 1}`);
    json(response, 200, { cursor: 1, pollIntervalMs: 1000, reportSequence: 0, projects: [] });
  };
  const identity = { url: api.url, hostId: crypto.randomUUID(), privateKey: signingKeyOf(createHostKey()) };
  const list = createControlPlane(identity, { now: () => now }).desired(null, new AbortController().signal);
  await expect(list).rejects.toMatchObject({ kind: 'version-unsupported' });
});
