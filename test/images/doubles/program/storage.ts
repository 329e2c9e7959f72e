import { access, constants } from 'node:fs/promises';
import { placeOf, requireSchema } from './database.ts';
import { type Double, Misconfigured } from './double.ts';
import { keySet, requireRole } from './tokens.ts';
import { ofLength, requireAll, required, url } from './variables.ts';

export const storage: Double = {
  async check(env) {
    requireAll(env, ['TENANT_ID', 'REGION', 'GLOBAL_S3_BUCKET', 'POSTGREST_URL']);
    const secretName = env.AUTH_JWT_SECRET === undefined ? 'PGRST_JWT_SECRET' : 'AUTH_JWT_SECRET';
    const secret = ofLength(env, secretName, { atLeast: 32 });
    const keys = env.JWT_JWKS ? keySet(env, 'JWT_JWKS', secretName) : [];
    await requireRole(env, 'ANON_KEY', 'anon', secret, keys);
    await requireRole(env, 'SERVICE_KEY', 'service_role', secret, keys);
    if (required(env, 'STORAGE_BACKEND') === 'file') {
      await access(required(env, 'FILE_STORAGE_BACKEND_PATH'), constants.W_OK).catch(() => {
        throw new Misconfigured('FILE_STORAGE_BACKEND_PATH is no directory that can be written to');
      });
    }
    const database = url(env, 'DATABASE_URL', ['postgres', 'postgresql']);
    await requireSchema('DATABASE_URL', placeOf(database), 'storage');
    return { port: 5000 };
  },
  answer: async ({ url: path }) => (path === '/status' ? { status: 200 } : null),
};
