import type { ServicePart } from '../service-part.ts';
import { fromEnvironment } from '../values.ts';

/** Where storage and imgproxy find the same files. */
export const storageDirectory = '/var/lib/storage';

/** Storage, with its files in a volume; the tenant and the folder are named after the project. */
export function storage({ ref }: { ref: string }): ServicePart {
  return {
    port: 5000,
    environment: {
      ANON_KEY: fromEnvironment('ANON_KEY'),
      SERVICE_KEY: fromEnvironment('SERVICE_ROLE_KEY'),
      POSTGREST_URL: 'http://rest:3000',
      // the first name is the one of today, the second that of images before it
      AUTH_JWT_SECRET: fromEnvironment('JWT_SECRET'),
      PGRST_JWT_SECRET: fromEnvironment('JWT_SECRET'),
      JWT_JWKS: fromEnvironment('JWT_JWKS'),
      DATABASE_URL: `postgres://supabase_storage_admin:${fromEnvironment('DB_PASSWORD_IN_URL')}@db:5432/postgres`,
      STORAGE_PUBLIC_URL: fromEnvironment('SUPABASE_PUBLIC_URL'),
      REQUEST_ALLOW_X_FORWARDED_PATH: 'true',
      FILE_SIZE_LIMIT: '52428800',
      STORAGE_BACKEND: 'file',
      FILE_STORAGE_BACKEND_PATH: storageDirectory,
      GLOBAL_S3_BUCKET: ref,
      TENANT_ID: ref,
      REGION: 'local',
      ENABLE_IMAGE_TRANSFORMATION: 'true',
      IMGPROXY_URL: 'http://imgproxy:5001',
      S3_PROTOCOL_ACCESS_KEY_ID: fromEnvironment('S3_PROTOCOL_ACCESS_KEY_ID'),
      S3_PROTOCOL_ACCESS_KEY_SECRET: fromEnvironment('S3_PROTOCOL_ACCESS_KEY_SECRET'),
    },
    mounts: [{ kind: 'volume', name: 'storage-data', target: storageDirectory }],
    waitsFor: { db: 'healthy', rest: 'started', imgproxy: 'started' },
    health: ['CMD', 'wget', '--no-verbose', '--tries=1', '--spider', 'http://127.0.0.1:5000/status'],
    capabilities: 'usual',
  };
}
