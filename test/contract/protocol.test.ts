import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { agentHeaders } from '../../schema/agent-protocol.ts';
import { clientOf } from '../support/client.ts';
import { createPerson } from '../support/people.ts';
import { createSeededApp, type Seeded } from '../support/seeded.ts';
import { createAgent, healthyReport, type TestAgent } from '../support/test-agent.ts';

/** What version 1 of the protocol said of a desired list, as its agents parse it to this day. Never edited. */
const ref = z.string().regex(/^[a-z]{20}$/);
const generation = z.int().nonnegative();
const secrets1 = z.object({
  dbPassword: z.string().min(1),
  jwtSecret: z.string().min(32),
  signingKey: z.object({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string(),
    y: z.string(),
    d: z.string(),
    kid: z.string(),
    alg: z.literal('ES256'),
  }),
  anonKey: z.string(),
  serviceRoleKey: z.string(),
  anonKeyAsymmetric: z.string(),
  serviceRoleKeyAsymmetric: z.string(),
  apiKeys: z.array(z.object({ name: z.string(), type: z.enum(['publishable', 'secret']), key: z.string() })),
});
const live1 = z.object({
  ref,
  generation,
  power: z.enum(['running', 'paused']),
  restarts: z.int().nonnegative(),
  postgresVersion: z.string(),
  size: z.string(),
  firstPort: z.int().min(1024).max(65_535),
  rest: z.object({
    schemas: z.array(z.string()),
    extraSearchPath: z.array(z.string()),
    maxRows: z.int().positive(),
  }),
  secrets: secrets1,
});
const desired1 = z.object({
  cursor: z.int().nonnegative().nullable(),
  pollIntervalMs: z.int().positive(),
  reportSequence: z.int().nonnegative(),
  projects: z.array(
    z.discriminatedUnion('power', [
      live1.extend({ power: z.literal('running') }),
      live1.extend({ power: z.literal('paused') }),
      z.object({ ref, generation, power: z.literal('removed') }),
      z.object({ ref, generation, power: z.literal('withheld') }),
    ]),
  ),
});

const asVersion1 = { headers: { [agentHeaders.version]: '1' } };

describe('an agent of protocol 1', () => {
  let t: Seeded;
  let agent: TestAgent;

  beforeAll(async () => {
    t = await createSeededApp();
    agent = await createAgent(t, await createPerson(t, { isOperator: true }));
    await t.client.execute({ sql: 'update projects set host_id = ? where ref = ?', args: [agent.hostId, t.ref] });
  });

  const list = async () => desired1.parse(await (await agent.desired(undefined, asVersion1)).json());

  test('understands the list, and sees no change in what it does not know', async () => {
    const before = await list();
    expect(before.projects).toMatchObject([{ ref: t.ref, power: 'running', size: 'micro', postgresVersion: '17' }]);
    await clientOf(t, t.owner.token).projects.setProfile.mutate({ ref: t.ref, profile: 'full' });
    const after = await list();
    const specs = [before, after].map(({ projects }) => projects.map(({ generation: _, ...spec }) => spec));
    expect(specs[1]).toEqual(specs[0]);
  });

  test('is heard, without a word on drift', async () => {
    const told = healthyReport(t.ref, 2);
    expect(told).not.toHaveProperty('drift');
    expect((await agent.report({ projects: [told] }, asVersion1)).status).toBe(200);
    expect(await clientOf(t, t.owner.token).projects.get.query({ ref: t.ref })).toMatchObject({
      status: 'ACTIVE_HEALTHY',
      drift: [],
    });
  });
});
