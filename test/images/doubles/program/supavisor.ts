import { placeOf, requireSchema } from './database.ts';
import { type Double, type Environment, Misconfigured } from './double.ts';
import { ofLength, port, requireAll, required, url } from './variables.ts';

/** Its command is three programs in a row: migrations, the tenant's script, the server. */
export const supavisor: Double = {
  async check(env, [command, script]) {
    switch (command) {
      case 'migrate':
        await checkDatabase(env);
        return 'finished';
      case 'eval':
        if (!script?.includes('Tenants'))
          throw new Misconfigured('the script of the tenant is missing, or is another one');
        requireAll(env, ['POOLER_TENANT_ID', 'POOLER_DEFAULT_POOL_SIZE', 'POOLER_MAX_CLIENT_CONN', 'POOLER_POOL_MODE']);
        requireAll(env, ['POSTGRES_HOST', 'POSTGRES_PORT', 'POSTGRES_DB', 'POSTGRES_PASSWORD']);
        return 'finished';
      default:
        return checkServer(env);
    }
  },
  answer: async ({ url: path }) => (path === '/api/health' ? { status: 204 } : null),
};

async function checkServer(env: Environment): Promise<{ port: number }> {
  ofLength(env, 'VAULT_ENC_KEY', { exactly: 32 });
  ofLength(env, 'SECRET_KEY_BASE', { atLeast: 64 });
  requireAll(env, ['API_JWT_SECRET', 'METRICS_JWT_SECRET', 'REGION', 'CLUSTER_POSTGRES']);
  port(env, 'PROXY_PORT_SESSION');
  port(env, 'PROXY_PORT_TRANSACTION');
  const listening = { port: port(env, 'PORT') };
  await checkDatabase(env);
  return listening;
}

async function checkDatabase(env: Environment): Promise<void> {
  required(env, 'DATABASE_URL');
  await requireSchema('DATABASE_URL', placeOf(url(env, 'DATABASE_URL', ['ecto', 'postgres'])), '_supavisor');
}
