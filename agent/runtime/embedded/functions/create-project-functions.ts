import { join } from 'node:path';
import { type LiveSpec, portOffsets } from '../../../../schema/stack-spec.ts';
import type { Host } from '../host.ts';
import { projectPaths } from '../paths.ts';
import { createFunctions, type Functions } from './functions.ts';
import { openSharedLog } from './shared-log.ts';

const idleMs = 5 * 60_000;

/** The functions of one project, with the surroundings Supabase gives them. Nothing runs until the first call. */
export function createProjectFunctions(host: Host, spec: LiveSpec): Functions {
  const paths = projectPaths(host.paths, spec.ref);
  return createFunctions({
    root: host.paths.root,
    ref: spec.ref,
    directory: paths.functions,
    sharedDirectory: join(paths.functions, '_shared'),
    cacheDirectory: paths.functionsCache,
    log: openSharedLog(join(paths.logs, 'functions.log'), host.log),
    budget: host.functionBudget,
    port: spec.firstPort + portOffsets.functions,
    idleMs,
    deno: async () => (await host.binaries()).deno,
    identity: host.identity,
    environment: functionEnvironment(spec),
    clock: host.clock,
    onTrouble: (error) => host.log.warn('function trouble', { ref: spec.ref, error: String(error) }),
  });
}

function functionEnvironment({ secrets, firstPort }: LiveSpec): Record<string, string> {
  const password = encodeURIComponent(secrets.dbPassword);
  return {
    SUPABASE_URL: `http://127.0.0.1:${firstPort + portOffsets.gateway}`,
    SUPABASE_ANON_KEY: secrets.anonKey,
    SUPABASE_SERVICE_ROLE_KEY: secrets.serviceRoleKey,
    SUPABASE_DB_URL: `postgresql://postgres:${password}@127.0.0.1:${firstPort + portOffsets.postgres}/postgres`,
  };
}
