import { placeOf, requireSchema } from './database.ts';
import { type Double, Misconfigured } from './double.ts';
import { port, requireAll, required, url } from './variables.ts';

export const analytics: Double = {
  async check(env) {
    requireAll(env, ['LOGFLARE_NODE_HOST', 'LOGFLARE_SINGLE_TENANT', 'LOGFLARE_SUPABASE_MODE']);
    const [open, secret] = [
      required(env, 'LOGFLARE_PUBLIC_ACCESS_TOKEN'),
      required(env, 'LOGFLARE_PRIVATE_ACCESS_TOKEN'),
    ];
    if (open === secret) throw new Misconfigured('LOGFLARE_PRIVATE_ACCESS_TOKEN is the same as the public one');
    const place = {
      host: required(env, 'DB_HOSTNAME'),
      port: port(env, 'DB_PORT'),
      user: required(env, 'DB_USERNAME'),
      password: required(env, 'DB_PASSWORD'),
      database: required(env, 'DB_DATABASE'),
    };
    const backend = url(env, 'POSTGRES_BACKEND_URL', ['postgres', 'postgresql']);
    const [schema, backendSchema] = [required(env, 'DB_SCHEMA'), required(env, 'POSTGRES_BACKEND_SCHEMA')];
    await requireSchema('DB_HOSTNAME', place, schema);
    await requireSchema('POSTGRES_BACKEND_URL', placeOf(backend), backendSchema);
    return { port: 4000 };
  },
  answer: async ({ url: path }) => (path === '/health' ? { status: 200, body: { status: 'ok' } } : null),
};
