#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultAdminEmail } from './config.ts';
import { StartFailure } from './failure.ts';
import { secretLines } from './secret-lines.ts';
import { createSecrets } from './secrets.ts';
import { serve } from './serve.ts';
import { readServeSettings } from './serve-settings.ts';
import { version } from './version.ts';

/* `supafleet-worker`: the control plane without a database, an agent or anything else of its own; for its image. */

const help = `Usage: supafleet-worker [serve | check | secrets [--prefix NAME_]]

  serve     applies the migrations and serves the control plane until it is told to stop (the default)
  check     only says whether the environment is usable
  secrets   prints fresh secrets as lines of an env file

The environment: see deploy/compose/.env.example for what each variable means; there with SUPAFLEET_ before its name.
  PUBLIC_URL, DATABASE_URL, DATABASE_TOKEN, JWT_KEYS, KEKS are needed.
`;

// a reader that went away must not end what serves others
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      options: { prefix: { type: 'string', default: '' }, help: { type: 'boolean' }, version: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [command = 'serve', ...rest] = positionals;
    if (values.help === true) return say(help);
    if (values.version === true) return say(`${version}\n`);
    if (rest.length > 0) throw new StartFailure(`There is too much behind "${command}".\n${help}`);
    return await runCommand(command, values.prefix);
  } catch (error) {
    const known = error instanceof StartFailure || (error instanceof TypeError && 'code' in error);
    process.stderr.write(`${known || !(error instanceof Error) ? String(error).replace(/^\w+: /, '') : error.stack}\n`);
    return 1;
  }
}

async function runCommand(command: string, prefix: string): Promise<number> {
  switch (command) {
    case 'secrets':
      return say(await secretLines(await createSecrets({ email: defaultAdminEmail, password: undefined }), prefix));
    case 'check':
      await readServeSettings(process.env);
      return say('✓ the environment is usable\n');
    case 'serve': {
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
      await serve(await readServeSettings(process.env), {
        bundles: join(import.meta.dirname, '../workers'),
        randomToken: () => randomBytes(24).toString('base64url'),
        note: (line) => void process.stdout.write(`${line}\n`),
        now: Date.now,
        signal: stop.signal,
      });
      return 0;
    }
    default:
      throw new StartFailure(`There is no command "${command}".\n${help}`);
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}
