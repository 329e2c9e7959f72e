import type { StackService } from '../../schema/stack-profiles.ts';

/**
 * What each service answers with 2xx once it can work, by path on the port it listens on; null: it has no such path that
 * anyone may ask, and is ready when it takes connections.
 */
export const readyPaths: Readonly<Record<StackService, string | null>> = {
  db: null,
  auth: '/health',
  rest: null,
  realtime: null,
  storage: '/status',
  imgproxy: '/health',
  functions: null,
  supavisor: '/api/health',
  analytics: '/health',
  vector: '/health',
};
