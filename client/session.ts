import type { ErrorCode } from '../schema/error-codes.ts';
import { isObject, refusalOf, SupafleetError } from './error.ts';

/** What goes into the Authorization header, and what to do when that is refused. */
export type Authorization = {
  header(): Promise<string>;
  /** Another header in place of a refused one; null: there is none. */
  renew(refused: string): Promise<string | null>;
};

export type SessionOptions = {
  url: string;
  email: string;
  password: string;
  /** the second factor's code, asked for when the account has one */
  code?: (() => Promise<string>) | undefined;
  fetch: typeof globalThis.fetch;
  /** milliseconds since any moment; it never goes back */
  now(): number;
  timeoutMs: number;
};

type Session = {
  accessToken: string;
  refreshToken: string;
  expiresAt: number;
  /** a verified second factor of the account; null: it has none */
  factorId: string | null;
};

/** a token this near to its end is renewed first: it could end on the way */
const marginMs = 60_000;

/** A personal access token: good until it is not. */
export function withToken(token: string): Authorization {
  return { header: async () => `Bearer ${token}`, renew: async () => null };
}

/** Signs in when first needed, refreshes before the token ends or once it is refused, and signs in again after that. */
export function withPassword(options: SessionOptions): Authorization {
  let session: Session | null = null;
  let pending: Promise<Session> | null = null;

  /** One at a time: a refresh token is used once. */
  function next(): Promise<Session> {
    pending ??= obtain(session, options)
      .then((obtained) => {
        session = obtained;
        return obtained;
      })
      .finally(() => {
        pending = null;
      });
    return pending;
  }

  return {
    async header() {
      const isGood = session !== null && session.expiresAt - options.now() > marginMs;
      return bearer(isGood && session !== null ? session : await next());
    },
    async renew(refused) {
      if (pending === null && session !== null && bearer(session) !== refused) return bearer(session);
      return bearer(await next());
    },
  };
}

async function obtain(session: Session | null, options: SessionOptions): Promise<Session> {
  if (session !== null) {
    const refreshed = await grant('refresh_token', { refresh_token: session.refreshToken }, options);
    if (!(refreshed instanceof SupafleetError)) return refreshed;
    // only a session that is over is replaced by a new one
    if (refreshed.code !== 'invalid_grant') throw refreshed;
  }
  const { email, password, code } = options;
  const signedIn = await grant('password', { email, password }, options);
  if (signedIn instanceof SupafleetError) throw signedIn;
  if (signedIn.factorId === null || code === undefined) return signedIn;
  return showFactor(signedIn, signedIn.factorId, await code(), options);
}

/** A session of the second level in place of the one that only knew the password. */
async function showFactor(session: Session, factorId: string, code: string, options: SessionOptions): Promise<Session> {
  const factor = `/auth/v1/factors/${encodeURIComponent(factorId)}`;
  const challenge = await post(`${factor}/challenge`, {}, options, session);
  if (challenge instanceof SupafleetError) throw challenge;
  const answered = { challenge_id: isObject(challenge) ? challenge.id : undefined, code };
  const verified = sessionIn(await post(`${factor}/verify`, answered, options, session), options);
  if (verified instanceof SupafleetError) throw verified;
  return verified;
}

async function grant(
  type: 'password' | 'refresh_token',
  body: Record<string, string>,
  options: SessionOptions,
): Promise<Session | SupafleetError> {
  return sessionIn(await post(`/auth/v1/token?grant_type=${type}`, body, options), options);
}

/** What was answered with success, or why not. */
async function post(
  path: string,
  body: Record<string, unknown>,
  { url, fetch, timeoutMs }: SessionOptions,
  session?: Session,
): Promise<unknown> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(session !== undefined && { authorization: bearer(session) }),
      },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    answer = await response.json();
  } catch (error) {
    return refusalOf(undefined, error instanceof Error ? error : new Error(String(error)));
  }
  return response.ok ? answer : signInRefusal(answer, response);
}

function sessionIn(answer: unknown, { now }: SessionOptions): Session | SupafleetError {
  if (answer instanceof SupafleetError) return answer;
  return sessionOf(answer, now()) ?? refusalOf(answer);
}

function sessionOf(answer: unknown, now: number): Session | null {
  if (!isObject(answer)) return null;
  const { access_token, refresh_token, expires_in, user } = answer;
  if (typeof access_token !== 'string' || typeof refresh_token !== 'string' || typeof expires_in !== 'number')
    return null;
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    expiresAt: now + expires_in * 1000,
    factorId: verifiedFactor(user),
  };
}

function verifiedFactor(user: unknown): string | null {
  const factors: unknown[] = isObject(user) && Array.isArray(user.factors) ? user.factors : [];
  for (const factor of factors) {
    if (isObject(factor) && factor.status === 'verified' && typeof factor.id === 'string') return factor.id;
  }
  return null;
}

/** `/auth/v1` refuses as GoTrue does: `{code, error_code, msg}`. */
function signInRefusal(answer: unknown, response: Response): SupafleetError {
  if (!isObject(answer) || typeof answer.msg !== 'string') return refusalOf(answer);
  const requestId = response.headers.get('x-request-id');
  return new SupafleetError(answer.msg, { code: codeOf(response.status, answer.error_code), requestId });
}

const byStatus = new Map<number, ErrorCode>([
  [408, 'request_timeout'],
  [413, 'payload_too_large'],
  [414, 'uri_too_long'],
  [429, 'rate_limited'],
  [431, 'headers_too_large'],
]);
const byErrorCode = new Map<unknown, ErrorCode>([
  ['invalid_credentials', 'invalid_credentials'],
  ['refresh_token_not_found', 'invalid_grant'],
  ['refresh_token_already_used', 'invalid_grant'],
  ['session_expired', 'invalid_grant'],
  ['user_banned', 'invalid_grant'],
  ['over_request_rate_limit', 'overloaded'],
]);

/** What GoTrue has one word for is told apart by the status. */
function codeOf(status: number, errorCode: unknown): ErrorCode {
  const code = byStatus.get(status) ?? byErrorCode.get(errorCode);
  if (code !== undefined) return code;
  if (status === 503) return 'database_unavailable';
  return status >= 500 ? 'internal' : 'invalid_input';
}

function bearer({ accessToken }: Session): string {
  return `Bearer ${accessToken}`;
}
