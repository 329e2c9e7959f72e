import {
  createTRPCClient,
  type HTTPBatchLinkOptions,
  httpBatchLink,
  type TRPCClient,
  type TRPCLink,
} from '@trpc/client';
import { observable } from '@trpc/server/observable';
import type { AppRouter } from './app-router.ts';
import { asSupafleetError, SupafleetError } from './error.ts';
import { type Authorization, withPassword, withToken } from './session.ts';

export type { AppRouter } from './app-router.ts';
export type * from './contract/audit.ts';
export type * from './contract/hosts.ts';
export type * from './contract/members.ts';
export type * from './contract/organizations.ts';
export type * from './contract/paging.ts';
export type * from './contract/projects.ts';
export type * from './contract/system.ts';
export type * from './contract/tokens.ts';
export type * from './contract/users.ts';
export type * from './contract.ts';
export { SupafleetError };

export type ClientOptions = {
  /** where the control plane answers */
  url: string;
  /** instead of the platform's own */
  fetch?: typeof globalThis.fetch;
  /** for each request; 30,000 when left out */
  timeoutMs?: number;
} & (
  | { token: string }
  | {
      email: string;
      password: string;
      /** asked for the code of the second factor, when the account has one */
      code?: () => Promise<string>;
    }
);

export type SupafleetClient = TRPCClient<AppRouter>;

const usualTimeoutMs = 30_000;
/** below what the control plane takes: 8 KB of URL, 20 calls in one request */
const maximumUrlLength = 7_000;
const maximumBatchSize = 20;

/**
 * The control plane's procedures with their types, by a personal access token or by an account's password. Calls fail
 * with `SupafleetError` only.
 */
export function createClient(options: ClientOptions): SupafleetClient {
  const url = new URL(options.url).href.replace(/\/+$/, '');
  const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const timeoutMs = options.timeoutMs ?? usualTimeoutMs;
  const authorization =
    'token' in options
      ? withToken(options.token)
      : withPassword({ ...options, url, fetch, timeoutMs, now: () => performance.now() });
  return createTRPCClient<AppRouter>({
    links: [
      typedErrors,
      httpBatchLink({
        url: `${url}/trpc`,
        maxURLLength: maximumUrlLength,
        maxItems: maximumBatchSize,
        fetch: authorized(authorization, fetch, timeoutMs),
      }),
    ],
  });
}

/** Sends with the current authorization, and once more with another when that is refused. */
function authorized(
  authorization: Authorization,
  fetch: typeof globalThis.fetch,
  timeoutMs: number,
): NonNullable<HTTPBatchLinkOptions<AppRouter['_def']['_config']['$types']>['fetch']> {
  return async (input, init) => {
    const { signal: aborted, headers: given, ...rest } = init ?? {};
    const send = (header: string) => {
      const headers = new Headers(given);
      headers.set('authorization', header);
      const timeout = AbortSignal.timeout(timeoutMs);
      const signal = aborted ? AbortSignal.any([aborted, timeout]) : timeout;
      return fetch(input, { ...rest, headers, signal });
    };
    const header = await authorization.header();
    const response = await send(header);
    if (response.status !== 401) return response;
    const other = await authorization.renew(header);
    if (other === null) return response;
    await response.body?.cancel();
    return send(other);
  };
}

const typedErrors: TRPCLink<AppRouter> = () => (call) =>
  observable((observer) =>
    call.next(call.op).subscribe({
      next: (value) => observer.next(value),
      error: (error) => observer.error(asSupafleetError(error)),
      complete: () => observer.complete(),
    }),
  );
