import type { IncomingMessage } from 'node:http';
import type { ClientConfig } from 'pg';
import { ask, requireSchema } from './database.ts';
import type { Double, Environment } from './double.ts';
import { keySet, verified } from './tokens.ts';
import { ofLength, port, requireAll, required } from './variables.ts';

export const realtime: Double = {
  async check(env) {
    requireAll(env, ['APP_NAME', 'DNS_NODES', 'METRICS_JWT_SECRET']);
    ofLength(env, 'DB_ENC_KEY', { exactly: 16 });
    ofLength(env, 'SECRET_KEY_BASE', { atLeast: 64 });
    required(env, 'API_JWT_SECRET');
    if (env.API_JWT_JWKS) keySet(env, 'API_JWT_JWKS', 'API_JWT_SECRET');
    const place: ClientConfig = {
      host: required(env, 'DB_HOST'),
      port: port(env, 'DB_PORT'),
      user: required(env, 'DB_USER'),
      password: required(env, 'DB_PASSWORD'),
      database: required(env, 'DB_NAME'),
    };
    const listening = { port: port(env, 'PORT') };
    const afterConnect = required(env, 'DB_AFTER_CONNECT_QUERY');
    await requireSchema('DB_HOST', place, '_realtime');
    await ask('DB_AFTER_CONNECT_QUERY', place, afterConnect);
    return listening;
  },
  async answer(request, env) {
    const path = request.url?.split('?')[0];
    if (path !== `/api/tenants/${tenant(env)}/health`) return null;
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    if (!(await mayPass(token, env))) return { status: 403 };
    return { status: 200, body: { data: { healthy: true, db_connected: false, connected_cluster: 0 } } };
  },
  /** The tenant is told by the first label of the host name it is called by. */
  async upgrade(request, env) {
    const query = new URL(request.url ?? '/', 'http://realtime').searchParams;
    const isTenants = request.headers.host?.split('.')[0] === tenant(env);
    return isTenants && (await mayPass(query.get('apikey') ?? header(request, 'x-api-key'), env));
  },
};

function tenant(env: Environment): string {
  return env.SELF_HOST_TENANT_NAME ?? 'realtime-dev';
}

async function mayPass(token: string, env: Environment): Promise<boolean> {
  const keys = env.API_JWT_JWKS ? keySet(env, 'API_JWT_JWKS', 'API_JWT_SECRET') : [];
  return (await verified(token, required(env, 'API_JWT_SECRET'), keys)) !== null;
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
