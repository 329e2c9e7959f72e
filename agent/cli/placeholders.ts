import type { StackSecrets } from '../../schema/stack-spec.ts';

/**
 * Secrets of the same length and shape that tell nothing of the real ones, not even which characters they are made of.
 * Two values that differ may become the same.
 */
export function placeholders(secrets: StackSecrets): StackSecrets {
  const { services, signingKey } = secrets;
  return {
    dbPassword: hidden(secrets.dbPassword),
    jwtSecret: hidden(secrets.jwtSecret),
    // the public half is published anyway
    signingKey: { ...signingKey, d: hidden(signingKey.d) },
    anonKey: hiddenToken(secrets.anonKey),
    serviceRoleKey: hiddenToken(secrets.serviceRoleKey),
    anonKeyAsymmetric: hiddenToken(secrets.anonKeyAsymmetric),
    serviceRoleKeyAsymmetric: hiddenToken(secrets.serviceRoleKeyAsymmetric),
    apiKeys: secrets.apiKeys.map((apiKey) => ({ ...apiKey, key: hiddenApiKey(apiKey.key) })),
    services: {
      adminPassword: services.adminPassword.replace(/./g, '0'),
      secretKeyBase: hidden(services.secretKeyBase),
      realtimeEncryptionKey: hidden(services.realtimeEncryptionKey),
      poolerEncryptionKey: hidden(services.poolerEncryptionKey),
      metricsJwtSecret: hidden(services.metricsJwtSecret),
      s3AccessKeyId: hidden(services.s3AccessKeyId),
      s3SecretAccessKey: hidden(services.s3SecretAccessKey),
      logflarePublicToken: hidden(services.logflarePublicToken),
      logflarePrivateToken: hidden(services.logflarePrivateToken),
    },
  };
}

function hidden(secret: string): string {
  return 'x'.repeat(secret.length);
}

/** Three parts, whatever is in them. */
function hiddenToken(token: string): string {
  return token.split('.').map(hidden).join('.');
}

function hiddenApiKey(key: string): string {
  const prefix = /^sb_(?:publishable|secret)_/.exec(key)?.[0] ?? '';
  return prefix + hidden(key.slice(prefix.length));
}
