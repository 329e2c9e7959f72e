import { join } from 'node:path';
import { z } from 'zod';
import { controlPlaneUrl } from '../schema/control-plane-url.ts';
import type { ConnectionOptions } from './cli.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

export type Connection = { url: string; token: string };

export type ConnectionSources = {
  /** SUPAFLEET_URL and SUPAFLEET_TOKEN */
  env: { url: string | undefined; token: string | undefined };
  directory: string;
  /** the text of a file; null when there is none */
  readFile(path: string): Promise<string | null>;
};

const devFile = z.object({
  url: z.string(),
  access_token: z.string(),
  email: z.string().optional(),
  password: z.string().optional(),
});

type Dev = Connection & { account: { email: string; password: string } | undefined };

/**
 * Where the control plane is and who asks: flags, then the environment, then what `npm start` wrote into `.data/dev.json`
 * of the working directory. A token never goes to an address that came from another place than itself.
 */
export async function connection(options: ConnectionOptions, sources: ConnectionSources): Promise<Connection> {
  const url = options.url ?? sources.env.url;
  const token = options.token ?? sources.env.token;
  const dev = url !== undefined && token !== undefined ? null : await readDev(sources);
  const chosen = choose({ url, token }, dev);
  return { url: requireUrl(chosen.url, options), token: chosen.token };
}

/** Where the control plane is, by the same order, for what needs no token. */
export async function address(options: ConnectionOptions, sources: ConnectionSources): Promise<string> {
  const url = options.url ?? sources.env.url ?? (await readDev(sources))?.url;
  if (url !== undefined) return requireUrl(url, options);
  throw new CommandFailure('It is not known which control plane', {
    exitCode: exitCodes.usage,
    hint: 'Name it with --url or SUPAFLEET_URL, or go where npm start runs: it writes .data/dev.json.',
  });
}

/** The URL as it is used. Nothing is sent to one that is none, or in clear text to another machine. */
export function requireUrl(url: string, options: ConnectionOptions): string {
  const checked = controlPlaneUrl(options.insecureHttp === true).safeParse(url);
  if (checked.success) return checked.data;
  const reasons = checked.error.issues.map(({ message }) => message).join('; ');
  throw new CommandFailure(`The control plane's URL ${reasons}`, { exitCode: exitCodes.usage });
}

function choose(given: { url: string | undefined; token: string | undefined }, dev: Connection | null): Connection {
  const { url, token } = given;
  if (url !== undefined && token !== undefined) return { url, token };
  if (token !== undefined) {
    throw new CommandFailure('A token is given, but not for which control plane', {
      exitCode: exitCodes.usage,
      hint: 'Name it with --url or SUPAFLEET_URL.',
    });
  }
  if (dev !== null && isMeant(url, dev.url)) return { url: dev.url, token: dev.token };
  throw new CommandFailure(url === undefined ? 'Not signed in to a control plane' : `Not signed in to ${url}`, {
    exitCode: exitCodes.notSignedIn,
    hint: 'Set SUPAFLEET_URL and SUPAFLEET_TOKEN (an access token), or go where npm start runs: it writes .data/dev.json.',
  });
}

/** What `npm start` wrote; null: nothing. */
export async function readDev({ directory, readFile }: Omit<ConnectionSources, 'env'>): Promise<Dev | null> {
  const path = join(directory, '.data', 'dev.json');
  const text = await readFile(path);
  if (text === null) return null;
  const parsed = devFile.safeParse(parseJson(text));
  if (parsed.success) {
    const { url, access_token: token, email, password } = parsed.data;
    return { url, token, account: email === undefined || password === undefined ? undefined : { email, password } };
  }
  throw new CommandFailure(`${path} is not what npm start writes there`, {
    exitCode: exitCodes.usage,
    hint: 'Start it again, or set SUPAFLEET_URL and SUPAFLEET_TOKEN.',
  });
}

/** Whether what is of one address may go where another says, or nobody says anything. */
export function isMeant(one: string | undefined, other: string): boolean {
  if (one === undefined) return true;
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
