import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client/web';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleWorkers } from '../../launcher/bundle.ts';
import { generateSigningKey } from '../../worker/auth/session-tokens.ts';
import { migrationSql } from '../support/global-setup.ts';
import { type Sqld, startSqld } from '../support/sqld.ts';

type Answer = { status: number; retryAfter: string | null; text: string };

const bootstrapToken = 'only-for-this-suite';
const accessToken = `sbp_${randomBytes(20).toString('hex')}`;
const account = { email: 'first@example.com', password: 'correct horse battery staple' };
/** an answer that takes longer, whatever it says, is none */
const hungAfterMs = 30_000;
/** what miniflare's own workerd knows; launcher/workerd.ts configures a newer one */
const compatibility = { compatibilityDate: '2026-07-30', compatibilityFlags: ['nodejs_compat'] };

describe('both Workers on the real runtime, with many requests at once', () => {
  let directory: string;
  let sqld: Sqld;
  let runtime: Miniflare;
  let url: URL;
  let organization: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'supafleet-workerd-'));
    [sqld] = await Promise.all([startSqld(), bundleWorkers(directory)]);
    const client = createClient({ url: sqld.url });
    await client.executeMultiple(await migrationSql());
    await client.execute(reportingHost());
    client.close();
    runtime = new Miniflare({
      workers: [
        {
          name: 'worker',
          modules: [{ type: 'ESModule', path: 'worker.js', contents: await readFile(join(directory, 'worker.js')) }],
          ...compatibility,
          serviceBindings: { HASHER: 'hasher' },
          bindings: {
            PUBLIC_URL: 'http://supafleet.test',
            DATABASE_URL: sqld.url,
            JWT_KEYS: JSON.stringify([await generateSigningKey('test')]),
            KEKS: `test:${randomBytes(32).toString('base64url')}`,
            BOOTSTRAP_TOKEN: bootstrapToken,
          },
        },
        {
          name: 'hasher',
          modules: [{ type: 'ESModule', path: 'hasher.js', contents: await readFile(join(directory, 'hasher.js')) }],
          ...compatibility,
        },
      ],
    });
    url = await runtime.ready;
  });

  afterAll(async () => {
    await runtime?.dispose();
    await sqld?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const ask = async (path: string, init: { body?: unknown; bearer?: string | null } = {}): Promise<Answer> => {
    const bearer = init.bearer === undefined ? accessToken : init.bearer;
    const response = await fetch(new URL(path, url), {
      signal: AbortSignal.timeout(hungAfterMs),
      headers: {
        'content-type': 'application/json',
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      },
      ...(init.body !== undefined && { method: 'POST', body: JSON.stringify(init.body) }),
    });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() };
  };
  const atOnce = (count: number, request: (index: number) => Promise<Answer>) =>
    Promise.all(Array.from({ length: count }, (_, index) => request(index)));

  test('the very first ones make one account between them, and all are answered', async () => {
    const first = { ...account, organization_name: 'First', access_token: accessToken };
    const [health, starts] = await Promise.all([
      atOnce(40, () => ask('/health', { bearer: null })),
      atOnce(20, () => ask('/bootstrap', { bearer: bootstrapToken, body: first })),
    ]);
    expect(tally(health)).toEqual({ 200: 40 });
    const { 201: made, 409: late = 0, 503: overloaded = 0, ...others } = tally(starts);
    expect([made, others]).toEqual([1, {}]);
    expect(late + overloaded).toBe(19);
    const { organization: slug } = JSON.parse(starts.find(({ status }) => status === 201)?.text ?? '{}');
    organization = slug;
  });

  test('one who writes a client reads what is served', async () => {
    const [document, page] = await Promise.all(
      ['/docs/openapi.json', '/docs'].map((path) => ask(path, { bearer: null })),
    );
    expect([document?.status, page?.status]).toEqual([200, 200]);
    expect(JSON.parse(document?.text ?? '')).toMatchObject({ openapi: '3.1.0', paths: { '/platform/projects': {} } });
  });

  test('150 reads are all answered alike', async () => {
    const answers = await atOnce(150, () => ask('/platform/organizations'));
    expect(tally(answers)).toEqual({ 200: 150 });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test('60 who sign in are let in, or told when to try again, while others are served', async () => {
    const [signIns, reads] = await Promise.all([
      atOnce(60, () => ask('/auth/v1/token?grant_type=password', { bearer: null, body: account })),
      atOnce(20, () => ask('/platform/profile')),
    ]);
    const { 200: inside = 0, 503: later = 0, ...others } = tally(signIns);
    expect(others).toEqual({});
    expect(inside).toBeGreaterThan(0);
    expect(inside + later).toBe(60);
    for (const { retryAfter } of signIns.filter(({ status }) => status === 503))
      expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(tally(reads)).toEqual({ 200: 20 });
  });

  test('40 new projects get 40 refs and 40 blocks of ports', async () => {
    const made = await atOnce(40, (index) =>
      ask('/platform/projects', {
        body: { organization_slug: organization, name: `Project ${index}`, cloud_provider: 'AWS' },
      }),
    );
    expect(tally(made)).toEqual({ 201: 40 });
    expect(new Set(made.map(({ text }) => JSON.parse(text).ref)).size).toBe(40);
    expect(new Set(made.map(({ text }) => JSON.parse(text).endpoint)).size).toBe(40);
  });

  test('20 that want the same name get one project', async () => {
    const made = await atOnce(20, () =>
      ask('/platform/projects', { body: { organization_slug: organization, name: 'Only one', cloud_provider: 'AWS' } }),
    );
    expect(tally(made)).toEqual({ 201: 1, 409: 19 });
  });
});

function tally(answers: Answer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** No agent runs here: what one would have said of its host. */
function reportingHost(): { sql: string; args: (string | number)[] } {
  const now = Date.now();
  return {
    sql: `insert into hosts (id, name, region, public_key, runtime, agent_version, project_host, first_port, last_port,
                             enrolled_at, reported_at, verified_at)
          values (?, 'host', 'local', ?, 'embedded', '0.1.0', 'localhost', 20000, 29999, ?, ?, ?)`,
    args: [randomUUID(), randomBytes(32).toString('base64url'), now, now, now],
  };
}
