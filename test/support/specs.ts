import type { LiveSpec, RemovedSpec, ServiceSecrets, StackSpec, WithheldSpec } from '../../schema/stack-spec.ts';

/** A spec of a project that is what somebody asked it to be. */
export type AskedSpec = Exclude<StackSpec, WithheldSpec>;

/** A ref out of one letter. */
export function refOf(letter: string): string {
  return letter.repeat(20);
}

/** A project that should run; `changes` replace what it is made of. */
export function runningSpec(letter: string, changes: Partial<LiveSpec> = {}): StackSpec & { power: 'running' } {
  return { ...live(letter), ...changes, power: 'running' };
}

/** A project that should be paused. */
export function pausedSpec(letter: string, changes: Partial<LiveSpec> = {}): StackSpec & { power: 'paused' } {
  return { ...live(letter), ...changes, power: 'paused' };
}

/** A project that should be gone. */
export function removedSpec(letter: string, generation: number): RemovedSpec {
  return { ref: refOf(letter), generation, power: 'removed' };
}

export function withheldSpec(letter: string, generation: number): WithheldSpec {
  return { ref: refOf(letter), generation, power: 'withheld' };
}

/** What services share, made of one letter. */
export function serviceSecretsOf(letter: string): ServiceSecrets {
  return {
    adminPassword: hexOf(letter, 32),
    secretKeyBase: `secret-key-base-of-${letter}`.padEnd(64, '.'),
    realtimeEncryptionKey: `realtime-of-${letter}`.padEnd(16, '.'),
    poolerEncryptionKey: `pooler-of-${letter}`.padEnd(32, '.'),
    metricsJwtSecret: `metrics-of-${letter}`.padEnd(32, '.'),
    s3AccessKeyId: hexOf(letter, 32),
    s3SecretAccessKey: hexOf(letter, 64),
    logflarePublicToken: `logflare-public-of-${letter}`.padEnd(32, '.'),
    logflarePrivateToken: `logflare-private-of-${letter}`.padEnd(32, '.'),
  };
}

function live(letter: string): LiveSpec {
  return {
    ref: refOf(letter),
    generation: 1,
    power: 'running',
    restarts: 0,
    release: '2026.09',
    postgresVersion: '17',
    profile: 'standard',
    size: 'micro',
    firstPort: 20_000,
    rest: { schemas: ['public'], extraSearchPath: ['public', 'extensions'], maxRows: 1000 },
    secrets: {
      dbPassword: `password-of-${letter}`,
      jwtSecret: `jwt-secret-of-${letter}`.padEnd(32, '.'),
      signingKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: `d-of-${letter}`, kid: 'k', alg: 'ES256' },
      anonKey: `anon-of-${letter}`,
      serviceRoleKey: `service-of-${letter}`,
      anonKeyAsymmetric: `anon-es256-of-${letter}`,
      serviceRoleKeyAsymmetric: `service-es256-of-${letter}`,
      apiKeys: [{ name: 'default', type: 'secret', key: `sb_secret_of_${letter}` }],
      services: serviceSecretsOf(letter),
    },
  };
}

function hexOf(letter: string, length: number): string {
  return letter.charCodeAt(0).toString(16).repeat(length).slice(0, length);
}
