import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labels } from '../../../agent/stack/labels.ts';
import { agentHeaders } from '../../../schema/agent-protocol.ts';
import { describeWithDocker, labelled, removeLabelled, requiredEngine } from '../../docker/engine.ts';
import { type FakeApi, json, startFakeApi } from '../../support/fake-api.ts';
import { freePort } from '../../support/sqld.ts';
import { until } from '../../support/until.ts';
import { makeSpec } from '../runtime/embedded/support.ts';

const entry = join(import.meta.dirname, '../../../agent/main.ts');
const hostId = crypto.randomUUID();
const ofHost = `${labels.host}=${hostId}`;

/** The real command on a real engine, with nothing of a project: what a machine goes through to become a host and back. */
describeWithDocker('a machine with Docker', () => {
  const engine = requiredEngine();
  let directory = '';
  let api: FakeApi;
  let projects: unknown[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sf-host-'));
    api = await startFakeApi((request, response) => {
      if (request.url === '/agent/v1/enroll') return json(response, 201, { hostId, pollIntervalMs: 500 });
      if (request.headers[agentHeaders.host] === undefined) {
        return json(response, 401, { message: 'Not signed', code: 'unauthenticated' });
      }
      if (request.url === '/agent/v1/leave') return response.writeHead(204).end();
      if (request.method === 'POST') {
        const { sequence } = JSON.parse(request.body);
        return json(response, 200, { sequence, cursor: 1 });
      }
      const reportSequence = api.received.filter(({ url }) => url === '/agent/v1/report').length;
      return json(response, 200, { cursor: 1, pollIntervalMs: 500, reportSequence, projects });
    });
  });
  afterAll(async () => {
    await removeLabelled(engine, ofHost);
    await api.close();
    await rm(directory, { recursive: true, force: true });
  });

  function start(...args: string[]) {
    const child = spawn(process.execPath, [entry, ...args, '--data-dir', join(directory, 'host')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...engine.environment, SUPAFLEET_AGENT_TOKEN: 'sfe_secret-token' },
    });
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, ended, output: () => output, errors: () => errors };
  }

  async function end(...args: string[]) {
    const command = start(...args);
    const code = await command.ended;
    return { code, output: command.output(), said: `${command.output()}${command.errors()}` };
  }

  test('joins with every check in order, and tells the control plane of the ports that are for projects', async () => {
    const flags = ['--port-range', '28000-28099', '--address-pool', '10.249.0.0/20', '--json'];
    const door = ['--front-door', `127.0.0.1:${await freePort()}`, '--image-map', engine.imageMap];
    const { code, output, said } = await end('join', api.url, ...flags, ...door);
    expect(code, said).toBe(0);
    expect(said).not.toContain('sfe_secret-token');
    const { checks, settings } = JSON.parse(output);
    expect(checks.filter(({ status }: { status: string }) => status === 'failed')).toEqual([]);
    expect(settings).toMatchObject({ runtime: 'compose', addressPool: '10.249.0.0/20' });
    const enrolment = JSON.parse(api.received.find(({ url }) => url === '/agent/v1/enroll')?.body ?? '{}');
    expect(enrolment.facts).toMatchObject({ runtime: 'compose', portRange: { first: 28_000, last: 28_089 } });
  });

  test('runs what serves the whole host, which outlives the agent; the doctor says what would be done', async () => {
    const agent = start('run');
    const services = async () =>
      (await labelled(engine, ofHost)).containers.map((name) => name.split('-').at(-2)).sort();
    await until(async () => (await services()).join(' ') === 'edge meta', {
      what: `edge and meta\n${agent.errors()}`,
      timeoutMs: 60_000,
    });
    agent.child.kill('SIGTERM');
    expect(await agent.ended, agent.errors()).toBe(0);
    expect(await services()).toEqual(['edge', 'meta']);

    projects = [{ ...(await makeSpec('abcdefghijklmnopqrst', 28_000)), power: 'running' }];
    const { code, output, said } = await end('doctor', '--json');
    expect(code, said).toBe(0);
    expect(JSON.parse(output).plan).toEqual({
      actions: [{ ref: 'abcdefghijklmnopqrst', action: 'apply', reason: 'nothing of it is here' }],
      strangers: [],
      unknown: null,
    });
    expect(await readdir(join(directory, 'host', 'projects'))).toEqual([]);
  });

  test('leaves, and nothing of it is on the engine', async () => {
    const { code, said } = await end('leave');
    expect(code, said).toBe(0);
    expect(await labelled(engine, ofHost)).toEqual({ containers: [], networks: [], volumes: [] });
    expect(await readFile(join(directory, 'host', 'host.json'), 'utf8').catch(() => 'gone')).toBe('gone');
  });
});
