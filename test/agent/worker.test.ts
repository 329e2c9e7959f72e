import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createControlPlane } from '../../agent/control-plane.ts';
import type { Log } from '../../agent/deps.ts';
import { join } from '../../agent/enrol.ts';
import { createHostKey, signingKeyOf } from '../../agent/keys.ts';
import { runLoop } from '../../agent/loop.ts';
import { systemClock } from '../../agent/system.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { createFakeRuntime, type FakeRuntime } from '../support/fake-runtime.ts';
import { storeSecrets } from '../support/live-project.ts';
import { createOrganization, createPerson, createProject, letters, type Person } from '../support/people.ts';
import { runningSpec } from '../support/specs.ts';
import { createToken } from '../support/test-agent.ts';
import { until } from '../support/until.ts';

/** The agent's own ends of the protocol against the real control plane; only the stacks are made of memory. */
let t: TestApp;
let owner: Person;
let ref: string;
let server: Server;
let directory = '';
let hostId: string;
let runtime: FakeRuntime;
let ended: Promise<unknown>;
const stop = { controller: new AbortController() };

const facts = {
  agentVersion: '0.0.0',
  runtime: 'embedded' as const,
  projectHost: 'localhost',
  portRange: { first: 20_000, last: 29_999 },
};
const silent: Log = { info() {}, warn() {}, error() {} };

beforeEach(async () => {
  t = await createTestApp();
  owner = await createPerson(t, { isOperator: true });
  const organization = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
  const url = await serve();
  directory = await mkdtemp(pathOf(tmpdir(), 'supafleet-worker-'));
  const options = { directory, name: `host-${letters(10)}`, facts };
  const deps = { now: systemClock.now, createKey: createHostKey };
  const host = await join(url, await createToken(t, owner), options, deps);
  hostId = host.hostId;
  ref = (await createProject(t, organization, { id: hostId }, { phase: 'starting' })).ref;
  await storeSecrets(t, ref, runningSpec('a').secrets);
  runtime = createFakeRuntime({});
  stop.controller = new AbortController();
  const controlPlane = createControlPlane({ ...host, privateKey: signingKeyOf(host.privateKey) }, systemClock);
  ended = runLoop(
    {
      clock: systemClock,
      log: silent,
      random: () => 0.5,
      controlPlane,
      runtime,
      facts: { ...facts, frontDoor: null },
    },
    stop.controller.signal,
  ).catch((error: unknown) => error);
});

afterEach(async () => {
  stop.controller.abort();
  await ended;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

async function serve(): Promise<string> {
  server = createServer(async (incoming, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
    const body = incoming.method === 'POST' ? { body: Buffer.concat(chunks) } : {};
    const answer = await t.app.request(incoming.url ?? '', { method: incoming.method ?? '', headers, ...body });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(new Uint8Array(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
}

async function stored(sql: string, ...args: string[]): Promise<Record<string, unknown> | undefined> {
  return (await t.client.execute({ sql, args })).rows[0];
}

async function untilPhase(phase: string): Promise<void> {
  const reached = async () => (await stored('select phase from observations where ref = ?', ref))?.phase === phase;
  await until(reached, { what: `${ref} to be ${phase}` });
}

test('a project comes up, is paused by its owner, is removed, and its row goes once nothing is left', async () => {
  await untilPhase('healthy');
  const paused = await t.app.request(`/platform/projects/${ref}/pause`, { method: 'POST', headers: owner.headers });
  expect(paused.status).toBe(201);
  await untilPhase('stopped');
  expect(runtime.world.get(ref)).toMatchObject({ db: false, gateway: false, data: `data of ${ref}` });
  await t.client.batch(
    [
      { sql: "update projects set power = 'removed', generation = generation + 1 where ref = ?", args: [ref] },
      { sql: 'update hosts set change_sequence = change_sequence + 1 where id = ?', args: [hostId] },
    ],
    'write',
  );
  const isGone = async () => (await stored('select 1 from projects where ref = ?', ref)) === undefined;
  await until(isGone, { what: 'the row to go' });
  expect(runtime.world.size).toBe(0);
});

test('an idle agent costs a read per poll and two round trips per heartbeat', async () => {
  await untilPhase('healthy');
  const before = await stored('select report_sequence as sequence from hosts where id = ?', hostId);
  t.roundTrips.reset();
  await until(() => t.roundTrips.count >= 3, { what: 'three polls' });
  const after = await stored('select report_sequence as sequence from hosts where id = ?', hostId);
  expect(after).toEqual(before);
});

test('a revoked host is refused at its next request and its agent ends', async () => {
  await untilPhase('healthy');
  await t.client.execute({ sql: 'update hosts set revoked_at = 1 where id = ?', args: [hostId] });
  expect(await ended).toMatchObject({ kind: 'revoked' });
  expect(runtime.world.get(ref)).toMatchObject({ db: true, gateway: true });
});

test('a report with a sequence of somebody else locks the agent', async () => {
  await untilPhase('healthy');
  await t.client.batch(
    [
      {
        sql: 'update hosts set report_sequence = report_sequence + 5, change_sequence = change_sequence + 1 where id = ?',
        args: [hostId],
      },
    ],
    'write',
  );
  expect(await ended).toMatchObject({ kind: 'key-in-use' });
});
