import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AlreadyJoined, join } from '../../agent/enrol.ts';
import { readHostFile } from '../../agent/host-file.ts';
import { createHostKey, publicKeyOf } from '../../agent/keys.ts';
import { enrolRequest, protocolVersion } from '../../schema/agent-protocol.ts';
import { type FakeApi, json, type ReceivedRequest, startFakeApi } from '../support/fake-api.ts';

const hostId = '22222222-2222-4222-8222-222222222222';
const facts = {
  agentVersion: '0.0.0',
  runtime: 'embedded' as const,
  projectHost: 'localhost',
  portRange: { first: 20_000, last: 29_999 },
};
const deps = { now: () => 1_800_000_000_000, createKey: createHostKey };

let directory = '';
let answer: (request: ReceivedRequest, response: ServerResponse) => void;
let api: FakeApi;
beforeEach(async () => {
  directory = await mkdtemp(pathOf(tmpdir(), 'supafleet-join-'));
  answer = (_request, response) => json(response, 201, { hostId, pollIntervalMs: 1000 });
  api = await startFakeApi((request, response) => answer(request, response));
});
afterEach(async () => {
  await api.close();
  await rm(directory, { recursive: true });
});

const enter = (url = api.url) => join(url, 'the-token', { directory, name: 'one', region: 'here', facts }, deps);

test('a host is enrolled with the public half of a key whose private half only its owner can read', async () => {
  const host = await enter();
  const sent = enrolRequest.parse(JSON.parse(api.received[0]?.body ?? ''));
  expect(sent).toMatchObject({
    token: 'the-token',
    name: 'one',
    region: 'here',
    publicKey: publicKeyOf(host.privateKey),
  });
  expect(api.received[0]?.headers['x-supafleet-protocol']).toBe(String(protocolVersion));
  const path = pathOf(directory, 'host.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readHostFile(directory)).toEqual(host);
  expect(await readFile(path, 'utf8')).not.toContain('the-token');
});

test('a join that broke off is repeated with the same key, so that one machine never becomes two hosts', async () => {
  answer = (_request, response) => response.destroy();
  await expect(enter()).rejects.toMatchObject({ kind: 'unreachable' });
  answer = (_request, response) => json(response, 201, { hostId, pollIntervalMs: 1000 });
  await enter();
  const keys = api.received.map(({ body }) => enrolRequest.parse(JSON.parse(body)).publicKey);
  expect(keys[0]).toBe(keys[1]);
});

test('a host that joined is not joined again over its key', async () => {
  const first = await enter();
  await expect(enter()).rejects.toBeInstanceOf(AlreadyJoined);
  expect(await readHostFile(directory)).toEqual(first);
});

test('a bad token is told in the words of the control plane', async () => {
  answer = (_request, response) => json(response, 401, { message: 'The token expired', code: 'unauthenticated' });
  await expect(enter()).rejects.toThrow('The token expired');
});

test('a damaged file is named and neither overwritten nor quoted', async () => {
  await writeFile(pathOf(directory, 'host.json'), '{"privateKey":"secret-bytes"');
  const error = await enter().catch((thrown: unknown) => thrown);
  expect(String(error)).toContain('host.json is damaged');
  expect(String(error)).not.toContain('secret-bytes');
  expect(await readFile(pathOf(directory, 'host.json'), 'utf8')).toContain('secret-bytes');
});
