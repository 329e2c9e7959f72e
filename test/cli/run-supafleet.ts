import { readFile } from 'node:fs/promises';
import type { Cli, Terminal } from '../../cli/cli.ts';
import { address, connection } from '../../cli/connection.ts';
import { run } from '../../cli/run.ts';
import { signInWith } from '../../cli/sign-in.ts';
import { writePrivate } from '../../cli/write-private.ts';
import { createClient } from '../../client/index.ts';
import { type TestApp, testPublicUrl } from '../support/app.ts';
import { fetchInto } from '../support/client.ts';
import type { Person } from '../support/people.ts';

export type Surroundings = {
  fetch?: typeof globalThis.fetch;
  env?: Partial<Cli['env']>;
  /** SUPAFLEET_EMAIL and SUPAFLEET_PASSWORD */
  email?: string;
  password?: string;
  /** what a person answers, in order; without it nobody is there */
  answers?: string[];
  stdin?: string;
  /** happens while a command waits; time goes on by itself. Told how often it waited, and how to press Ctrl-C. */
  onSleep?(times: number, interrupt: () => void): Promise<void> | void;
};

export type Ended = { code: number; out: string; err: string };

/** `supafleet`, as one person, on the app under test. */
export async function runSupafleet(
  test: TestApp,
  person: Person | null,
  args: string[],
  surroundings: Surroundings = {},
): Promise<Ended> {
  let out = '';
  let err = '';
  let now = 0;
  let slept = 0;
  let interrupt: (() => void) | null = null;
  const answers = [...(surroundings.answers ?? [])];
  const answer = async (question: string) => {
    err += question;
    return answers.shift() ?? '';
  };
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    outColors: plain,
    errColors: plain,
    isLive: false,
    isInteractive: surroundings.answers !== undefined,
    ask: answer,
    askSecret: answer,
    readInput: async () => surroundings.stdin ?? '',
  };
  const cli: Cli = {
    version: '0.0.0-test',
    terminal,
    clock: {
      now: () => now,
      async sleep(milliseconds) {
        now += milliseconds;
        slept += 1;
        await surroundings.onSleep?.(slept, () => interrupt?.());
      },
    },
    async connect(options) {
      const env = { url: testPublicUrl, token: person?.token };
      const sources = { env, directory: '/nowhere', readFile: async () => null };
      const known = await connection({ insecureHttp: true, ...options }, sources);
      return createClient({ ...known, fetch: surroundings.fetch ?? fetchInto(test) });
    },
    address: async (options) => {
      const env = { url: options.url ?? testPublicUrl, token: undefined };
      return address({ insecureHttp: true, ...options }, { env, directory: '/nowhere', readFile: async () => null });
    },
    async signIn(options) {
      const env = { url: testPublicUrl, email: surroundings.email, password: surroundings.password };
      const sources = { env, directory: '/nowhere', readFile: async () => null, terminal };
      const known = await signInWith({ insecureHttp: true, ...options }, sources);
      return createClient({ ...known, fetch: surroundings.fetch ?? fetchInto(test) });
    },
    writePrivate,
    readFile: readIfThere,
    env: { userPassword: undefined, databasePassword: undefined, ...surroundings.env },
    onInterrupt(listener) {
      interrupt = listener;
      return () => {
        interrupt = null;
      };
    },
  };
  const code = await run(cli, args);
  return { code, out, err };
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}

const plain = { bold: String, dim: String, green: String, yellow: String, red: String };
