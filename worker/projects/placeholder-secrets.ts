import type { StackSecrets, StackSpec } from '../../schema/stack-spec.ts';

/** A spec whose secrets are replaced by placeholders that have their shape, so that it can be rendered and shown. */
export function withPlaceholders(spec: StackSpec): StackSpec {
  switch (spec.power) {
    case 'removed':
    case 'withheld':
      return spec;
    case 'running':
    case 'paused':
      return { ...spec, secrets: placeholders(spec.secrets) };
    default:
      return spec satisfies never;
  }
}

function placeholders({ apiKeys }: StackSecrets): StackSecrets {
  return {
    dbPassword: 'placeholder-db-password',
    jwtSecret: 'placeholder-jwt-secret-'.padEnd(64, '0'),
    signingKey: exampleKey,
    anonKey: 'placeholder.anon.key',
    serviceRoleKey: 'placeholder.service-role.key',
    anonKeyAsymmetric: 'placeholder.anon.asymmetric',
    serviceRoleKeyAsymmetric: 'placeholder.service-role.asymmetric',
    apiKeys: apiKeys.map(({ name, type }) => ({
      name,
      type,
      key: `sb_${type}_${'placeholder'.padEnd(22, '0')}_${'0'.repeat(8)}`,
    })),
    services: {
      adminPassword: '0'.repeat(32),
      secretKeyBase: 'placeholder-secret-key-base-'.padEnd(64, '0'),
      realtimeEncryptionKey: 'placeholder'.padEnd(16, '0'),
      poolerEncryptionKey: 'placeholder'.padEnd(32, '0'),
      metricsJwtSecret: 'placeholder'.padEnd(43, '0'),
      s3AccessKeyId: '0'.repeat(32),
      s3SecretAccessKey: '0'.repeat(64),
      logflarePublicToken: 'placeholder-public-'.padEnd(32, '0'),
      logflarePrivateToken: 'placeholder-private-'.padEnd(32, '0'),
    },
  };
}

/** The example of RFC 7515, A.3: a key that works and that everybody has. */
const exampleKey: StackSecrets['signingKey'] = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
  kid: 'placeholder',
  alg: 'ES256',
};
