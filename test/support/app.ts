import { randomBytes, randomUUID } from 'node:crypto';
import { createClient } from '@libsql/client/web';
import type { Hono } from 'hono';
import { inject } from 'vitest';
import { createApp } from '../../worker/app.ts';
import { createSessionTokens, generateSigningKey } from '../../worker/auth/session-tokens.ts';
import type { Config, Deps, Hasher, IdentityProvider, Log, Mail, Mailer, ProjectGateway } from '../../worker/deps.ts';
import { defaultReportSettings } from '../../worker/hosts/settings.ts';
import type { AppEnv } from '../../worker/http/variables.ts';
import { defaultLimits, type Limits } from '../../worker/limits/policies.ts';
import { openDatabase } from '../../worker/store/db.ts';
import { createStores } from '../../worker/store/stores.ts';
import { createVault } from '../../worker/vault.ts';
import { chainOf } from './chain.ts';

export type TestApp = {
  app: Hono<AppEnv>;
  deps: Deps;
  clock: { now(): number; advance(milliseconds: number): void };
  logged: { level: string; message: string; fields: Record<string, unknown> | undefined }[];
  client: ReturnType<typeof createClient>;
  /** mails that went out, oldest first */
  sent: Mail[];
  /** batches sent to the database since the last `reset` */
  roundTrips: { count: number; reset(): void };
};

/** All suites share one database, but not one clock, and come from no address: what is limited by address is not here. */
export const limitsOfTests: Limits = Object.assign(
  { ...defaultLimits },
  ...Object.keys(defaultLimits)
    .filter((name) => name.endsWith('.address'))
    .map((name) => ({ [name]: { kind: 'rate', burst: 1e6, intervalMs: 1e7 } })),
);

export const testPublicUrl = 'http://supafleet.test';

/** The real app on the run's real database. Fakes stand only at the ports that leave the process. */
export async function createTestApp(
  overrides: {
    hasher?: Hasher;
    mailer?: Mailer | null;
    projectGateway?: ProjectGateway;
    identityProviders?: ReadonlyMap<string, IdentityProvider>;
    config?: Partial<Config>;
  } = {},
): Promise<TestApp> {
  const roundTrips = {
    count: 0,
    reset: () => {
      roundTrips.count = 0;
    },
  };
  const client = createClient({
    url: inject('databaseUrl'),
    fetch: (request: Request) => {
      roundTrips.count += 1;
      return fetch(request);
    },
  });
  const start = performance.timeOrigin + performance.now();
  let now = Math.floor(start);
  const clock = {
    now: () => now,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
  const logged: TestApp['logged'] = [];
  const sent: Mail[] = [];
  const random = { uuid: () => randomUUID(), bytes: (length: number) => new Uint8Array(randomBytes(length)) };
  const vault = await createVault([{ id: 'test', key: random.bytes(32) }], random);
  const deps: Deps = {
    clock,
    random,
    log: recorder(logged),
    store: createStores(openDatabase(client, chainOf(vault, random))),
    vault,
    hasher: overrides.hasher ?? plainHasher,
    mailer: overrides.mailer === undefined ? outbox(sent) : overrides.mailer,
    sessionTokens: await createSessionTokens([await generateSigningKey('test')], `${testPublicUrl}/auth/v1`),
    identityProviders: overrides.identityProviders ?? new Map(),
    projectGateway: overrides.projectGateway ?? unreachableGateway,
    config: {
      publicUrl: testPublicUrl,
      corsOrigins: ['http://studio.test'],
      studioUrl: null,
      signups: 'closed',
      clientAddressHeader: null,
      agents: defaultReportSettings,
      tickToken: 'tick',
      bootstrapToken: 'bootstrap',
      auditRetentionDays: null,
      limits: limitsOfTests,
      ...overrides.config,
    },
  };
  return { app: createApp(deps), deps, clock, logged, client, sent, roundTrips };
}

function recorder(logged: TestApp['logged']): Log {
  const at = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    void logged.push({ level, message, fields });
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** Hashing is another Worker with tests of its own; here it only has to tell passwords apart. */
const plainHasher: Hasher = {
  hash: async (password) => `plain$${password}`,
  verify: async (password, hash) => hash === `plain$${password}`,
};

/** A mail server that takes everything. */
function outbox(sent: Mail[]): Mailer {
  return { send: async (mail) => void sent.push(mail) };
}

const unreachableGateway: ProjectGateway = {
  fetch: async () => {
    throw new Error('this suite reaches no project');
  },
};
