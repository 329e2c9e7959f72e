import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { agentHeaders, type ReportRequest, reportRequest } from '../../schema/agent-protocol.ts';
import type { StackSpec } from '../../schema/stack-spec.ts';
import { type FakeApi, json, startFakeApi } from '../support/fake-api.ts';
import { portBlock } from '../support/port-block.ts';
import { freePort } from '../support/sqld.ts';
import { until } from '../support/until.ts';
import { makeSpec } from './runtime/embedded/support.ts';

/** The real command, with the real embedded runtime, at the end of a real connection. */
type Agent = { child: ChildProcess; output(): string; ended: Promise<number | null>; messages: unknown[] };

const hostId = '33333333-3333-4333-8333-333333333333';
const entry = join(import.meta.dirname, '../../agent/main.ts');

let directory = '';
let api: FakeApi;
let wanted: StackSpec[] = [];
let cursor = 0;
let reports: ReportRequest[] = [];
let refusal: { status: number; body: unknown } | null = null;
let agents: Agent[] = [];
let departures = 0;
const revoked = { message: 'This host was revoked', code: 'forbidden', reason: 'revoked' };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sf-agent-'));
  await chmod(directory, 0o711);
  [wanted, cursor, reports, refusal, agents, departures] = [[], 1, [], null, [], 0];
  api = await startFakeApi((request, response) => {
    // a greeting has no signature
    if (refusal === null && request.url === '/agent/v1/desired' && request.headers[agentHeaders.host] === undefined) {
      return json(response, 401, { message: 'Not signed', code: 'unauthenticated' });
    }
    if (refusal !== null) return json(response, refusal.status, refusal.body);
    if (request.url === '/agent/v1/enroll') return json(response, 201, { hostId, pollIntervalMs: 200 });
    if (request.url === `/agent/v1/desired?cursor=${cursor}`) return response.writeHead(304).end();
    if (request.url === '/agent/v1/leave') {
      departures += 1;
      return departures === 1 ? response.writeHead(204).end() : json(response, 403, revoked);
    }
    const reportSequence = reports.length;
    if (request.method === 'GET') {
      return json(response, 200, { cursor, pollIntervalMs: 200, reportSequence, projects: wanted });
    }
    reports.push(reportRequest.parse(JSON.parse(request.body)));
    return json(response, 200, { sequence: reportSequence + 1, cursor });
  });
});

afterEach(async () => {
  for (const { child, ended } of agents) {
    child.kill('SIGKILL');
    await ended;
  }
  await api.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

function start(args: string[], dataDir: string | null = directory): Agent {
  const place = dataDir === null ? [] : ['--data-dir', dataDir];
  const child = spawn(process.execPath, [entry, ...args, ...place], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env.PATH, HOME: directory, SUPAFLEET_AGENT_TOKEN: 'sfe_secret-token' },
  });
  let output = '';
  const messages: unknown[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Uint8Array) => {
      output += Buffer.from(chunk).toString();
    });
  }
  child.on('message', (message) => messages.push(message));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const agent = { child, output: () => output, ended, messages };
  agents.push(agent);
  return agent;
}

async function joined(): Promise<void> {
  const agent = start(['join', api.url, '--runtime', 'embedded', '--json']);
  expect(await agent.ended, agent.output()).toBe(0);
  expect(JSON.parse(agent.output())).toMatchObject({ hostId, url: api.url });
}

function want(...specs: StackSpec[]): void {
  wanted = specs;
  cursor += 1;
}

const phase = (ref: string) =>
  reports
    .flatMap(({ projects }) => projects)
    .filter((project) => project.ref === ref)
    .at(-1);

async function untilPhase(ref: string, name: string, agent: Agent): Promise<void> {
  await until(() => phase(ref)?.phase === name, { what: `${name}\n${agent.output()}`, timeoutMs: 40_000 });
}

test('a project goes through its whole life, through a kill of the agent, and leaves nothing behind', async () => {
  await joined();
  const agent = start(['run', '--front-door-port', String(await freePort())]);
  const live = await makeSpec('abcdefghijklmnopqrst', await portBlock());
  const spec = (power: 'running' | 'paused', generation: number): StackSpec => ({ ...live, power, generation });
  want(spec('running', 1));
  await untilPhase(live.ref, 'healthy', agent);
  expect(reports.flatMap(({ projects }) => projects.map(({ phase }) => phase))).toEqual(['starting', 'healthy']);
  expect(phase(live.ref)?.gateway?.endpoint).toBe(`localhost:${live.firstPort}`);

  agent.child.kill('SIGKILL');
  await agent.ended;
  reports = [];
  const next = start(['run', '--front-door-port', String(await freePort())]);
  await untilPhase(live.ref, 'healthy', next);

  want(spec('paused', 2));
  await untilPhase(live.ref, 'stopped', next);
  want({ ref: live.ref, generation: 3, power: 'removed' });
  await untilPhase(live.ref, 'removed', next);
  const stopping = performance.now();
  next.child.kill('SIGTERM');
  expect(await next.ended, next.output()).toBe(0);
  expect(performance.now() - stopping).toBeLessThan(10_000);
  expect(await readdir(join(directory, 'projects')).catch(() => [])).toEqual([]);
  for (const secret of [live.secrets.dbPassword, live.secrets.jwtSecret, live.secrets.signingKey.d]) {
    expect(agent.output() + next.output()).not.toContain(secret);
  }
});

test('the agent tells the process that started it where it listens, and ends with it', async () => {
  await joined();
  const port = await freePort();
  const agent = start(['run', '--front-door-port', String(port)]);
  await until(() => agent.messages.length > 0, { what: 'the ready message' });
  expect(z.object({ kind: z.literal('ready'), frontDoorPort: z.number() }).parse(agent.messages[0])).toEqual({
    kind: 'ready',
    frontDoorPort: port,
  });
  await new Promise((resolve, reject) => connect(port, '127.0.0.1', () => resolve(null)).once('error', reject));
  agent.child.disconnect();
  expect(await agent.ended, agent.output()).toBe(0);
});

test('a second agent on one data directory is refused, and the first goes on', async () => {
  await joined();
  const first = start(['run', '--front-door-port', String(await freePort())]);
  await until(() => first.messages.length > 0, { what: 'the first agent' });
  const second = start(['run']);
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain('Another supafleet agent already manages');
  const before = reports.length;
  await until(() => reports.length > before, { what: 'the next heartbeat', timeoutMs: 20_000 });
});

test.each([
  [403, revoked, 3],
  [426, { message: 'Install a newer agent', code: 'agent_version_unsupported' }, 4],
])('a refusal with %i ends the agent with the reason and a code of its own', async (status, body, code) => {
  await joined();
  refusal = { status, body };
  const agent = start(['run', '--front-door-port', String(await freePort())]);
  expect(await agent.ended).toBe(code);
  expect(agent.output()).toContain(body.message);
});

test('an agent that is not served touches nothing of its host before it ends', async () => {
  await joined();
  const before = await readdir(directory);
  refusal = { status: 426, body: { message: 'Install a newer agent', code: 'agent_version_unsupported' } };
  for (const args of [['run'], ['doctor']]) {
    const agent = start(args);
    expect(await agent.ended).toBe(args[0] === 'run' ? 4 : 1);
    expect(agent.output()).toContain('Install a newer agent');
    expect(await readdir(directory)).toEqual(before);
  }
});

test('a machine where checks fail is not joined, and each failure says what to do', async () => {
  await writeFile(join(directory, 'file'), '');
  const args = ['join', 'http://127.0.0.1:2', '--runtime', 'embedded', '--json', '--data-dir', join(directory, 'file')];
  const agent = start(args, null);
  expect(await agent.ended).toBe(1);
  const findings = z
    .object({ checks: z.array(z.object({ check: z.string(), status: z.string(), advice: z.string().optional() })) })
    .parse(JSON.parse(agent.output())).checks;
  const failures = findings.filter(({ status }) => status === 'failed');
  expect(failures.map(({ check }) => check)).toEqual(['control-plane', 'data-directory']);
  for (const { advice } of failures) expect(advice).not.toBe('');
  expect(await readdir(directory)).toEqual(['file']);
});

test('the doctor repeats the checks beside an agent that runs, and tells what it cannot know', async () => {
  await joined();
  const agent = start(['run', '--front-door-port', String(await freePort())]);
  await until(() => agent.messages.length > 0, { what: 'the agent' });
  const doctor = start(['doctor', '--json']);
  expect(await doctor.ended, doctor.output()).toBe(0);
  expect(JSON.parse(doctor.output())).toMatchObject({
    hostId,
    checks: expect.arrayContaining([{ check: 'control-plane', status: 'ok', detail: expect.anything() }]),
    plan: { unknown: expect.stringContaining('embedded') },
  });
  const before = reports.length;
  await until(() => reports.length > before, { what: 'the next heartbeat', timeoutMs: 20_000 });
});

test('a host leaves once its projects are gone and its agent is stopped, and can do so again after a lost answer', async () => {
  await joined();
  const record = await readFile(join(directory, 'host.json'), 'utf8');
  const agent = start(['run', '--front-door-port', String(await freePort())]);
  await until(() => agent.messages.length > 0, { what: 'the agent' });
  const early = start(['leave']);
  expect(await early.ended).toBe(1);
  expect(early.output()).toContain('Another supafleet agent already manages');
  agent.child.kill('SIGTERM');
  await agent.ended;
  for (let time = 0; time < 2; time += 1) {
    await writeFile(join(directory, 'host.json'), record);
    const leaving = start(['leave', '--json']);
    expect(await leaving.ended, leaving.output()).toBe(0);
    expect(await readdir(directory)).not.toEqual(expect.arrayContaining(['host.json']));
    expect(await readdir(directory)).not.toEqual(expect.arrayContaining(['settings.json']));
  }
  expect(departures).toBe(2);
});

test('a machine that never joined, a wrong word and a missing token each say what to type', async () => {
  for (const [args, text] of [
    [['run'], 'supafleet-agent join'],
    [['join', 'http://10.0.0.9'], 'https'],
    [['join', 'https://x.example', '--port-range', '1-2'], '--port-range'],
  ] as const) {
    const agent = start([...args]);
    expect(await agent.ended).toBe(2);
    expect(agent.output()).toContain(text);
    expect(agent.output()).not.toContain('sfe_secret-token');
  }
  expect(await readFile(join(directory, 'host.json'), 'utf8').catch(() => 'none')).toBe('none');
});
