import type { ReportSettings } from './hosts/settings.ts';
import type { Allowance } from './limits/allowance.ts';
import type { Limits } from './limits/policies.ts';
import type { Stores } from './store/stores.ts';

/** Milliseconds since the epoch. */
export type Clock = { now(): number };

/** The only source of chance. */
export type Random = {
  uuid(): string;
  bytes(length: number): Uint8Array<ArrayBuffer>;
};

/** One JSON line per event; fields never hold a secret. */
export type Log = {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
};

/** Where a sealed value is stored; part of what is authenticated, so a value moved elsewhere does not open. */
export type SealedPlace = { table: string; row: string; field: string };

/** Seals secrets for the database: AES-256-GCM under a data key of their own, wrapped by a key-encryption key. */
export type Vault = {
  seal(plain: string, place: SealedPlace): Promise<string>;
  open(sealed: string, place: SealedPlace): Promise<string>;
};

/** Password hashing, done by another Worker. `verify` on null takes as long as on a hash, and is false. */
export type Hasher = {
  hash(password: string): Promise<string>;
  verify(password: string, hash: string | null): Promise<boolean>;
};

/** A mail as it goes out; `to` is one bare address. */
export type Mail = { to: string; subject: string; text: string; html: string };

/** Sends mail, by another Worker. Throws when the mail server did not take it; the message holds nothing of the mail. */
export type Mailer = { send(mail: Mail): Promise<void> };

/** What an access token of a session says once its signature, issuer, audience and expiry hold. */
export type SessionClaims = {
  sessionId: string;
  accountId: string;
  /** seconds since the epoch */
  expiresAt: number;
};

/** ES256 access tokens of the control plane's own accounts. */
export type SessionTokens = {
  sign(claims: {
    sessionId: string;
    accountId: string;
    email: string;
    /** as the client that signed up or changed it put it: says nothing about anybody */
    userMetadata: Readonly<Record<string, unknown>>;
    aal: 'aal1' | 'aal2';
    /** how the session was proved so far, the latest first; seconds since the epoch */
    amr: readonly { method: string; timestamp: number }[];
    /** seconds since the epoch */
    issuedAt: number;
  }): Promise<{ token: string; expiresAt: number; expiresInSeconds: number }>;
  /** null when it is not a valid token of ours at `nowMs` */
  verify(token: string, nowMs: number): Promise<SessionClaims | null>;
  /** public keys, for `/.well-known/jwks.json` */
  jwks(): { keys: Record<string, unknown>[] };
};

/** A request into a running project. The endpoint comes from its agent's report, never from a user. */
export type ProjectRequest = {
  protocol: 'http' | 'https';
  endpoint: string;
  method: string;
  /** absolute, below the gateway: `/pg/query` */
  path: string;
  /** sent as they are; nothing of the caller's request is added */
  headers: Record<string, string>;
  body?: string;
  timeoutMs: number;
  /** answers beyond this are cut off as an error */
  maximumBytes: number;
};
export type ProjectResponse = { status: number; headers: Headers; body: string };

/** The only code that fetches into a project. Errors: `project_unreachable`, `project_timeout`. */
export type ProjectGateway = { fetch(request: ProjectRequest): Promise<ProjectResponse> };

/** Who somebody is at an identity provider. */
export type IdentityProfile = {
  /** the account's id there */
  subject: string;
  /** lower case; null: it told none that it verified */
  email: string | null;
  firstName: string;
  lastName: string;
  /** what clients are shown of it */
  data: Record<string, string | boolean>;
};

/** Accounts elsewhere by which people sign in. What fails throws; messages hold no secret. */
export type IdentityProvider = {
  name: string;
  /** whether strangers get an account; null: follows `signups` */
  signUp: boolean | null;
  /** lower case; only addresses of these are let in; empty: all */
  emailDomains: readonly string[];
  /** where a browser is sent; `codeChallenge` by S256 */
  authorizationUrl(request: {
    redirectUri: string;
    state: string;
    nonce: string;
    codeChallenge: string;
  }): Promise<string>;
  /** who came back; `callbackUrl` is `redirectUri` with what the provider put behind it */
  profile(arrival: { callbackUrl: URL; state: string; nonce: string; verifier: string }): Promise<IdentityProfile>;
};

export type Config = {
  /** origin under which clients reach the control plane, without a trailing slash */
  publicUrl: string;
  /** exact origins that may call with credentials (Studio) */
  corsOrigins: string[];
  /** where people open Studio, without a trailing slash; null: it is not known */
  studioUrl: string | null;
  /** whether strangers may make themselves an account; where they may not, those who were invited still may */
  signups: 'open' | 'closed';
  /** header in which a trusted proxy puts the client's address; null: nobody does, and none is believed */
  clientAddressHeader: string | null;
  agents: ReportSettings;
  /** bearer token of `POST /tick` when self-hosted; null: only Cloudflare's cron runs it */
  tickToken: string | null;
  /** bearer token of `POST /bootstrap`, which makes the first account; null: there is no such route */
  bootstrapToken: string | null;
  /** audit entries older than this are removed by the tick; null: kept */
  auditRetentionDays: number | null;
  /** how often what is limited is let in */
  limits: Limits;
};

export type Deps = {
  clock: Clock;
  random: Random;
  log: Log;
  store: Stores;
  vault: Vault;
  hasher: Hasher;
  /** null: no mail server is configured */
  mailer: Mailer | null;
  sessionTokens: SessionTokens;
  /** by their names */
  identityProviders: ReadonlyMap<string, IdentityProvider>;
  projectGateway: ProjectGateway;
  config: Config;
};

/**
 * What a request proved so far: a session id from a token whose signature holds, or the hash of an access token. That
 * the row behind it still lives is checked by the first statement of the batch that loads the data.
 */
export type Credential = { kind: 'session' | 'token'; id: string };

export type RequestInfo = {
  id: string;
  address: string | null;
  userAgent: string | null;
  /** method and path as they are described, without what was put into them: `POST /v1/projects/{ref}/pause` */
  route?: string | null;
  /** what is left of the limits that were asked so far, for the headers of the answer */
  allowance?: Allowance;
};

/** What a use case gets of a request that proved nothing. */
export type OpenCtx = { deps: Deps; request: RequestInfo };

/** What every use case gets. */
export type Ctx = { deps: Deps; credential: Credential; request: RequestInfo };

/** The account behind a live credential, as loaded with the data. */
export type Actor = {
  accountId: string;
  number: number;
  email: string;
  username: string;
  firstName: string;
  lastName: string;
  /** of the control plane; never by an access token that is limited in any way */
  isOperator: boolean;
  credential: Credential['kind'];
  aal: 'aal1' | 'aal2';
  /** a verified second factor */
  hasFactor: boolean;
  /** what an access token is limited to, in the words of `schema/token-permissions.ts`; null: to nothing */
  permissions: readonly string[] | null;
  /** an access token that reaches only the organizations and projects it lists */
  isLimited: boolean;
};
