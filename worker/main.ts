import { createClient } from '@libsql/client/web';
import { base64url } from 'jose';
import { z } from 'zod';
import { headText } from '../schema/audit-chain.ts';
import { createApp } from './app.ts';
import { headPlace } from './audit/head-places.ts';
import { rememberVerified } from './auth/remember-verified.ts';
import { createSessionTokens } from './auth/session-tokens.ts';
import type { Deps } from './deps.ts';
import { type Env, env } from './env.ts';
import { createHasherClient } from './hasher-client.ts';
import { defaultReportSettings } from './hosts/settings.ts';
import { createIdentityProviders } from './identity/providers.ts';
import { defaultLimits } from './limits/policies.ts';
import { createLog } from './log.ts';
import { createMailerClient } from './mailer-client.ts';
import { createProjectGateway } from './project-gateway.ts';
import type { ChainOptions } from './store/chain.ts';
import { openDatabase } from './store/db.ts';
import { createStores } from './store/stores.ts';
import { systemClock, systemRandom } from './system.ts';
import { tick } from './tick/tick.ts';
import { createVault, type KeyEncryptionKeys } from './vault.ts';

/** about a kilobyte each */
const rememberedTokens = 2_000;

/** longer than a write waits for its turn in the database */
const databaseTimeoutMs = 15_000;

type RuntimeContext = { waitUntil(promise: Promise<unknown>): void };

let deps: Deps | undefined;
let app: ReturnType<typeof createApp> | undefined;

/** The worker's entry: reads the environment once per isolate and builds the adapters. The only wiring. */
export default {
  async fetch(request: Request, bindings: unknown, context: RuntimeContext): Promise<Response> {
    const log = createLog(systemClock.now);
    try {
      deps ??= await build(bindings);
      app ??= createApp(deps);
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      log.error('the environment is not usable', { reason });
      return Response.json(
        { message: 'The control plane is not configured; its log says what is missing' },
        { status: 500 },
      );
    }
    return app.fetch(request, { background: (work) => context.waitUntil(work) });
  },

  async scheduled(_event: unknown, bindings: unknown, context: RuntimeContext): Promise<void> {
    deps ??= await build(bindings);
    context.waitUntil(tick(deps));
  },
};

async function build(bindings: unknown): Promise<Deps> {
  const values = env.parse(bindings);
  const client = createClient({
    url: values.DATABASE_URL,
    authToken: values.DATABASE_TOKEN,
    // its queue of waiting calls holds promises across requests, which the runtime cancels: there must be none
    concurrency: Number.MAX_SAFE_INTEGER,
    fetch: (request: Request) =>
      (values.DATABASE ?? globalThis).fetch(request, { signal: AbortSignal.timeout(databaseTimeoutMs) }),
  });
  const vault = await createVault(keyEncryptionKeys(values.KEKS), systemRandom);
  const chain: ChainOptions = {
    random: systemRandom,
    sealHead: (organization, head) => vault.seal(headText(head), headPlace(organization)),
  };
  return {
    clock: systemClock,
    random: systemRandom,
    log: createLog(systemClock.now),
    store: createStores(openDatabase(client, chain)),
    vault,
    hasher: createHasherClient(values.HASHER),
    mailer: values.MAILER === undefined ? null : createMailerClient(values.MAILER),
    sessionTokens: rememberVerified(
      await createSessionTokens(values.JWT_KEYS, `${values.PUBLIC_URL}/auth/v1`),
      rememberedTokens,
    ),
    identityProviders: createIdentityProviders(
      values.AUTH_PROVIDERS,
      (request) => (values.IDENTITY ?? globalThis).fetch(request),
      systemClock,
    ),
    projectGateway: createProjectGateway((request) => (values.PROJECTS ?? globalThis).fetch(request)),
    config: config(values),
  };
}

function config(values: Env): Deps['config'] {
  return {
    publicUrl: values.PUBLIC_URL,
    corsOrigins: values.CORS_ORIGINS,
    studioUrl: values.STUDIO_URL,
    signups: values.SIGNUPS,
    clientAddressHeader: values.CLIENT_ADDRESS_HEADER === '' ? null : values.CLIENT_ADDRESS_HEADER,
    agents: {
      ...defaultReportSettings,
      pollIntervalMs: values.POLL_INTERVAL_MS ?? defaultReportSettings.pollIntervalMs,
    },
    tickToken: values.TICK_TOKEN ?? null,
    bootstrapToken: values.BOOTSTRAP_TOKEN ?? null,
    auditRetentionDays: values.AUDIT_RETENTION_DAYS ?? null,
    limits: { ...defaultLimits, ...values.RATE_LIMITS },
  };
}

function keyEncryptionKeys(entries: string[]): KeyEncryptionKeys {
  return entries.map((entry) => {
    const [id, key] = entry.split(':');
    const bytes = new Uint8Array(base64url.decode(key ?? ''));
    if (id === undefined || !/^[A-Za-z0-9-]{1,32}$/.test(id) || bytes.length !== 32) {
      throw new Error('KEKS must hold entries of the form id:key, each key 32 bytes in base64url');
    }
    return { id, key: bytes };
  });
}
