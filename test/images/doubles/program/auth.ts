import { placeOf, requireSchema } from './database.ts';
import type { Double } from './double.ts';
import { authKeys, publicHalves } from './tokens.ts';
import { ofLength, port, requireAll, required, url } from './variables.ts';

const keysName = 'GOTRUE_JWT_KEYS';
const secretName = 'GOTRUE_JWT_SECRET';

export const auth: Double = {
  async check(env) {
    requireAll(env, ['GOTRUE_SITE_URL', 'GOTRUE_DB_DRIVER', 'GOTRUE_API_HOST', 'GOTRUE_JWT_AUD', 'GOTRUE_JWT_EXP']);
    url(env, 'API_EXTERNAL_URL', ['http', 'https']);
    ofLength(env, secretName, { atLeast: 32 });
    if (env[keysName]) await authKeys(env, keysName, secretName);
    const listening = { port: port(env, 'GOTRUE_API_PORT') };
    const database = url(env, 'GOTRUE_DB_DATABASE_URL', ['postgres', 'postgresql']);
    await requireSchema('GOTRUE_DB_DATABASE_URL', placeOf(database), 'auth');
    return listening;
  },
  async answer({ url: path }, env) {
    switch (path?.split('?')[0]) {
      case '/health':
        return { status: 200, body: { name: 'GoTrue', version: version(env.SUPAFLEET_STANDS_FOR) } };
      case '/settings':
        return {
          status: 200,
          body: {
            external: { email: env.GOTRUE_EXTERNAL_EMAIL_ENABLED === 'true' },
            disable_signup: required(env, 'GOTRUE_DISABLE_SIGNUP') === 'true',
            mailer_autoconfirm: env.GOTRUE_MAILER_AUTOCONFIRM === 'true',
          },
        };
      case '/.well-known/jwks.json':
        return {
          status: 200,
          body: { keys: env[keysName] ? publicHalves(await authKeys(env, keysName, secretName)) : [] },
        };
      default:
        return null;
    }
  },
};

function version(image = ''): string {
  return image.split(':').at(-1) ?? '';
}
