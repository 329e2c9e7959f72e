import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { signedHeaders } from '../../agent/sign.ts';
import { agentHeaders, desiredResponse, protocolVersion } from '../../schema/agent-protocol.ts';
import { createEnrolmentToken } from '../../worker/hosts/create-enrolment-token.ts';
import type { TestApp } from './app.ts';
import { letters, type Person } from './people.ts';

export type TestAgent = {
  hostId: string;
  name: string;
  publicKey: string;
  privateKey: KeyObject;
  desired(cursor?: number, change?: RequestChange): Promise<Response>;
  report(body: Record<string, unknown>, change?: RequestChange): Promise<Response>;
};

/** What a test does to a request that is otherwise in order. */
export type RequestChange = {
  headers?: Record<string, string>;
  /** milliseconds by which this host's clock is ahead */
  skewMs?: number;
  /** sent instead of what was signed */
  body?: string;
  path?: string;
  hostId?: string;
  privateKey?: KeyObject;
};

export const testFacts = {
  agentVersion: '0.1.0',
  runtime: 'embedded',
  projectHost: 'localhost',
  frontDoor: { host: '127.0.0.1', port: 5432 },
  portRange: { first: 20_000, last: 29_999 },
};

/** A report with nothing to say. */
export const emptyReport = { sequence: 1, facts: testFacts, verifiedAgeMs: null, projects: [], strangers: [] };

/** What an agent says of a healthy project. */
export function healthyReport(ref: string, generation = 1) {
  return {
    ref,
    generation,
    phase: 'healthy',
    reason: null,
    verifiedAgeMs: 1_000,
    gateway: { protocol: 'http', endpoint: 'localhost:20000' },
    services: [{ name: 'db', status: 'healthy', version: '17', error: null }],
  };
}

/** A host's Ed25519 pair; the public half as enrolment takes it, base64url. */
export function newKey(): { publicKey: string; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { publicKey: publicKey.export({ format: 'jwk' }).x ?? '', privateKey };
}

/** `POST /agent/v1/enroll` with a body that is in order but for the changes. */
export async function enrol(
  test: TestApp,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return test.app.request('/agent/v1/enroll', {
    method: 'POST',
    headers: { 'content-type': 'application/json', [agentHeaders.version]: String(protocolVersion), ...headers },
    body: JSON.stringify({ publicKey: newKey().publicKey, name: `host-${letters(10)}`, facts: testFacts, ...body }),
  });
}

/** A one-time token made by the operator. */
export async function createToken(test: TestApp, operator: Person): Promise<string> {
  const ctx = {
    deps: test.deps,
    credential: { kind: 'session', id: operator.sessionId } as const,
    request: { id: 'test', address: null, userAgent: null },
  };
  return (await createEnrolmentToken(ctx)).token;
}

/** An enrolled agent that signs with the agent's own code. */
export async function createAgent(test: TestApp, operator: Person): Promise<TestAgent> {
  const key = newKey();
  const name = `host-${letters(10)}`;
  const response = await enrol(test, {
    token: await createToken(test, operator),
    publicKey: key.publicKey,
    name,
  });
  const { hostId } = (await response.json()) as { hostId: string };
  const send = async (method: string, path: string, body: string, change: RequestChange) =>
    test.app.request(change.path ?? path, {
      method,
      headers: {
        'content-type': 'application/json',
        ...signedHeaders(
          { method, pathAndQuery: path, body, timestamp: test.clock.now() + (change.skewMs ?? 0) },
          { hostId: change.hostId ?? hostId, privateKey: change.privateKey ?? key.privateKey },
        ),
        ...change.headers,
      },
      ...(method === 'POST' && { body: change.body ?? body }),
    });
  return {
    hostId,
    name,
    ...key,
    desired: (cursor, change = {}) =>
      send('GET', `/agent/v1/desired${cursor === undefined ? '' : `?cursor=${cursor}`}`, '', change),
    report: (body, change = {}) =>
      send('POST', '/agent/v1/report', JSON.stringify({ ...emptyReport, ...body }), change),
  };
}

/** What the host of a project is told of it at this moment. */
export async function desiredOf(test: TestApp, ref: string): Promise<unknown> {
  const { publicKey, privateKey } = newKey();
  const { rows } = await test.client.execute({
    sql: 'update hosts set public_key = ? where id = (select host_id from projects where ref = ?) returning id',
    args: [publicKey, ref],
  });
  const signed = { method: 'GET', pathAndQuery: '/agent/v1/desired', body: '', timestamp: test.clock.now() };
  const response = await test.app.request(signed.pathAndQuery, {
    headers: { ...signedHeaders(signed, { hostId: String(rows[0]?.id), privateKey }) },
  });
  const { projects } = desiredResponse.parse(await response.json());
  return projects.find((project) => project.ref === ref);
}
