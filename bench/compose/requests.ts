import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import { labels } from '../../agent/stack/labels.ts';
import { callOk } from '../../launcher/api.ts';
import { liveSpec } from '../../schema/stack-spec.ts';
import { median, quantile, type Row } from '../table.ts';
import { containersOf } from './containers.ts';
import type { BenchFleet } from './fleet.ts';

const warmUp = 200;
const count = 1_500;
const table = 'create table bench (id int primary key, body text); insert into bench values (1, $$one$$)';
/** what an application asks for: a page of rows, out of an index */
const page = 'select n, md5(n::text) as hash, now() as at from generate_series(1, 200) as rows (n) order by n';

/** A request through the edge beside one to PostgREST itself, and a query through the front door beside one to Postgres. */
export async function measureRequests(fleet: BenchFleet, ref: string, password: string): Promise<Row[]> {
  await callOk(`${fleet.dev.url}/platform/pg-meta/${ref}/query`, {
    method: 'POST',
    token: fleet.dev.access_token,
    body: { query: table },
  });
  return [...(await requests(fleet, ref)), ...(await queries(fleet, ref, password))];
}

async function requests(fleet: BenchFleet, ref: string): Promise<Row[]> {
  const exported = await fleet.client.projects.spec.mutate({ ref, showSecrets: true });
  const { secrets } = liveSpec.parse(exported);
  const apikey = secrets.apiKeys.find(({ type }) => type === 'secret')?.key ?? '';
  const { url } = await fleet.project(ref);
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const edge = () => get(agent, `${url}/rest/v1/bench?select=*`, { apikey });
  const rest = `http://${await addressOf(fleet, ref, 'rest')}:3000/bench?select=*`;
  // what the edge hands over: how long PostgREST takes to verify it is no matter of the edge's
  const direct = () => get(agent, rest, { authorization: `Bearer ${secrets.serviceRoleKeyAsymmetric}` });
  await untilKnown(edge);
  const [through = [], straight = []] = await alternately([edge, direct]);
  agent.destroy();
  const difference = (fraction: number) => quantile(through, fraction) - quantile(straight, fraction);
  return [
    { what: 'request: to PostgREST directly, p50 / p99', value: both(straight), goal: '' },
    { what: 'request: through the edge, p50 / p99', value: both(through), goal: '' },
    { what: 'request: edge - direct, p50', value: `${difference(0.5).toFixed(2)} ms`, goal: '<= 1 ms' },
    { what: 'request: edge - direct, p99', value: `${difference(0.99).toFixed(2)} ms`, goal: '' },
  ];
}

async function queries(fleet: BenchFleet, ref: string, password: string): Promise<Row[]> {
  const { database } = await fleet.project(ref);
  const common = { user: 'postgres', password, database: 'postgres' };
  const door = { ...common, user: `postgres.${ref}`, host: '127.0.0.1', port: database.port };
  const straight = new Client({ ...common, host: await addressOf(fleet, ref, 'db'), port: 5432 });
  const plain = new Client(door);
  const sealed = new Client({ ...door, ssl: { rejectUnauthorized: false } });
  const clients = [straight, plain, sealed];
  await Promise.all(clients.map((client) => client.connect()));
  try {
    const rows: Row[] = [];
    for (const [what, sql] of [
      ['200 rows', page],
      ['select 1', 'select 1'],
    ] as const) {
      const [direct = [], through = [], throughSealed = []] = await alternately(
        clients.map((client) => () => client.query(sql)),
      );
      rows.push(
        { what: `query (${what}): to Postgres directly, p50 / p99`, value: both(direct), goal: '' },
        { what: `query (${what}): through the front door, p50 / p99`, value: both(through), goal: '' },
        { what: `query (${what}): front door / direct, p50`, value: ratio(through, direct), goal: '<= 1.2' },
        {
          what: `query (${what}): front door with TLS / direct without`,
          value: ratio(throughSealed, direct),
          goal: '',
        },
      );
    }
    return rows;
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

function ratio(one: number[], other: number[]): string {
  return (median(one) / median(other)).toFixed(2);
}

/** One after the other, so that whatever else the machine does falls on both. Milliseconds of each. */
async function alternately(calls: readonly (() => Promise<unknown>)[]): Promise<number[][]> {
  const taken: number[][] = calls.map(() => []);
  for (let index = 0; index < warmUp + count; index += 1) {
    for (const [side, call] of calls.entries()) {
      const started = performance.now();
      await call();
      if (index >= warmUp) taken[side]?.push(performance.now() - started);
    }
  }
  return taken;
}

function get(agent: Agent, url: string, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, headers }, (response) => {
      response.resume();
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${new URL(url).host} answered ${response.statusCode}`));
      });
    });
    asked.once('error', reject).end();
  });
}

/** PostgREST reads its schema again a moment after a table was made. */
async function untilKnown(ask: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 100) throw error;
      await wait(100);
    }
  }
}

const inspected = z.array(
  z.object({ NetworkSettings: z.object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string() })) }) }),
);

async function addressOf(fleet: BenchFleet, ref: string, service: string): Promise<string> {
  const [ours, such] = await Promise.all([
    containersOf(fleet, `${labels.ref}=${ref}`),
    containersOf(fleet, `${labels.service}=${service}`),
  ]);
  const id = ours.find((one) => such.includes(one)) ?? '';
  const [found] = inspected.parse(JSON.parse(await fleet.docker(['container', 'inspect', id])));
  return Object.values(found?.NetworkSettings.Networks ?? {})[0]?.IPAddress ?? '';
}

function both(taken: number[]): string {
  return `${median(taken).toFixed(2)} / ${quantile(taken, 0.99).toFixed(2)} ms`;
}
