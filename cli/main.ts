#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { createClient } from '../client/index.ts';
import manifest from '../package.json' with { type: 'json' };
import type { Cli } from './cli.ts';
import { systemClock } from './clock.ts';
import { address, type ConnectionSources, connection } from './connection.ts';
import { run } from './run.ts';
import { signInWith } from './sign-in.ts';
import { createTerminal } from './terminal.ts';
import { writePrivate } from './write-private.ts';

const wantsColor = setting('NO_COLOR') === undefined && setting('TERM') !== 'dumb';
const terminal = createTerminal(process, wantsColor);

// a reader that has enough, as in `supafleet projects list | head -1`, is no failure
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const cli: Cli = {
  version: manifest.version,
  terminal,
  clock: systemClock,
  connect: async (options) => createClient(await connection(options, sources())),
  address: (options) => address(options, sources()),
  async signIn(options) {
    const env = {
      url: setting('SUPAFLEET_URL'),
      email: setting('SUPAFLEET_EMAIL'),
      password: setting('SUPAFLEET_PASSWORD'),
    };
    return createClient(await signInWith(options, { ...sources(), env, terminal }));
  },
  writePrivate,
  readFile: readIfThere,
  env: {
    userPassword: setting('SUPAFLEET_USER_PASSWORD'),
    databasePassword: setting('SUPAFLEET_DATABASE_PASSWORD'),
  },
  onInterrupt(listener) {
    process.once('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
};

process.exitCode = await run(cli, process.argv.slice(2));

function sources(): ConnectionSources {
  const env = { url: setting('SUPAFLEET_URL'), token: setting('SUPAFLEET_TOKEN') };
  return { env, directory: process.cwd(), readFile: readIfThere };
}

/** A variable of the environment; one that is empty is not set. */
function setting(name: string): string | undefined {
  return process.env[name] || undefined;
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
