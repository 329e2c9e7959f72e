import type { AddressInfo, Server } from 'node:net';
import type { Log } from '../../../agent/deps.ts';
import type { GatewayConfig } from '../../../agent/edge/gateway.ts';
import type { StackSecrets } from '../../../schema/stack-spec.ts';
import { serviceSecretsOf } from '../../support/specs.ts';

export const keys: StackSecrets = {
  dbPassword: 'f00d',
  jwtSecret: 'a-jwt-secret-of-at-least-32-characters',
  signingKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd', kid: 'kid', alg: 'ES256' },
  anonKey: 'eyJ.legacy-anon.sig',
  serviceRoleKey: 'eyJ.legacy-service.sig',
  anonKeyAsymmetric: 'eyJ.asymmetric-anon.sig',
  serviceRoleKeyAsymmetric: 'eyJ.asymmetric-service.sig',
  apiKeys: [
    { name: 'default', type: 'publishable', key: 'sb_publishable_abc_12345678' },
    { name: 'default', type: 'secret', key: 'sb_secret_abc_12345678' },
  ],
  services: serviceSecretsOf('a'),
};

export const publishableKey = 'sb_publishable_abc_12345678';
export const secretKey = 'sb_secret_abc_12345678';

export function gatewayConfig(port: number, upstreams: GatewayConfig['upstreams']): GatewayConfig {
  return {
    ref: 'abcdefghijklmnopqrst',
    host: '127.0.0.1',
    port,
    upstreams,
    keys,
    metaConnectionString: 'postgresql://supabase_admin:f00d@127.0.0.1:5433/postgres',
  };
}

/** Keeps every line, so that a test can look for what must not be there. */
export function recordingLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  function record(message: string, fields?: Record<string, unknown>): void {
    lines.push(JSON.stringify({ message, ...fields }));
  }
  return { lines, info: record, warn: record, error: record };
}

/** Listens on a free loopback port and tells which. */
export function listenOnFreePort(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
