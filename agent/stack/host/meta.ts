import { type ComposeService, cappedLog } from '../compose-service.ts';
import { healthcheck } from '../healthcheck.ts';

type MetaOptions = { image: string; hasStartInterval: boolean; port: number };

/**
 * postgres-meta for all projects of a host: it takes its connection string, encrypted, with each request. The default
 * one leads nowhere, so a request without its own reaches no database.
 */
export function meta({ image, hasStartInterval, port }: MetaOptions): ComposeService {
  const check = `fetch('http://127.0.0.1:${port}/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;
  return {
    image,
    environment: {
      PG_META_HOST: '127.0.0.1',
      PG_META_PORT: String(port),
      PG_META_DB_HOST: '127.0.0.1',
      PG_META_DB_PORT: '1',
      PG_META_DB_NAME: 'none',
      PG_META_DB_USER: 'none',
      PG_META_DB_PASSWORD: 'none',
      CRYPTO_KEY: `\${META_CRYPTO_KEY}`,
      PG_CONN_TIMEOUT_SECS: '10',
      PG_QUERY_TIMEOUT_SECS: '60',
      PG_META_MAX_BODY_LIMIT_MB: '2',
      PG_META_MAX_RESULT_SIZE_MB: '64',
      NODE_OPTIONS: '--max-old-space-size=512',
    },
    network_mode: 'host',
    healthcheck: healthcheck(['CMD', 'node', '-e', check], { hasStartInterval, isAwaited: true }),
    mem_limit: '768m',
    pids_limit: 512,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    restart: 'unless-stopped',
    logging: cappedLog,
    labels: {},
  };
}
