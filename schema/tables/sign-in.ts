import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { accounts } from './accounts.ts';

// ways to prove who one is, beside the password

/** What was mailed to somebody: a link with a token of high entropy and a code of six digits beside it. */
export const oneTimeTokens = sqliteTable(
  'one_time_tokens',
  {
    /** SHA-256 of the token in the link, hex */
    hash: text().primaryKey(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    kind: text({ enum: ['signup', 'recovery', 'invite', 'email_change', 'magiclink'] }).notNull(),
    /** where it was sent: the account's address, or the one it changes to; lower case */
    email: text().notNull(),
    /** SHA-256 of the link's hash and the code, hex */
    codeHash: text('code_hash').notNull(),
    /** wrong codes so far; the link outlives the code */
    codeFailures: integer('code_failures').notNull().default(0),
    /** PKCE: the session is then fetched with the verifier instead of being put into the address */
    codeChallenge: text('code_challenge'),
    codeChallengeMethod: text('code_challenge_method', { enum: ['plain', 's256'] }),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    // a newer one replaces the older
    uniqueIndex('one_time_tokens_by_account').on(table.accountId, table.kind),
    index('one_time_tokens_by_email').on(table.email),
    index('one_time_tokens_by_expiry').on(table.expiresAt),
  ],
);

/** Accounts at identity providers by which somebody signs in. */
export const identities = sqliteTable(
  'identities',
  {
    id: text().primaryKey(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    /** the provider's name in the configuration */
    provider: text().notNull(),
    /** the account's id there */
    subject: text().notNull(),
    /** lower case */
    email: text(),
    /** JSON: name, user name, picture, as told at the last sign-in */
    data: text().notNull(),
    createdAt: integer('created_at').notNull(),
    lastSignInAt: integer('last_sign_in_at').notNull(),
  },
  (table) => [
    uniqueIndex('identities_by_subject').on(table.provider, table.subject),
    index('identities_by_account').on(table.accountId),
  ],
);

/** Somebody who was sent to an identity provider and is expected back. */
export const oauthFlows = sqliteTable(
  'oauth_flows',
  {
    /** SHA-256 of the `state`, hex */
    hash: text().primaryKey(),
    provider: text().notNull(),
    /** PKCE verifier towards the provider, sealed */
    verifier: text().notNull(),
    nonce: text().notNull(),
    /** where to go afterwards; checked when it was stored */
    redirectTo: text('redirect_to').notNull(),
    /** PKCE of the client that started it; null: the session goes into the address's fragment */
    codeChallenge: text('code_challenge'),
    codeChallengeMethod: text('code_challenge_method', { enum: ['plain', 's256'] }),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('oauth_flows_by_expiry').on(table.expiresAt)],
);

/** Codes that a client exchanges for a session with its PKCE verifier (`grant_type=pkce`). */
export const authCodes = sqliteTable(
  'auth_codes',
  {
    /** SHA-256 of the code, hex */
    hash: text().primaryKey(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    method: text({ enum: ['otp', 'oauth'] }).notNull(),
    codeChallenge: text('code_challenge').notNull(),
    codeChallengeMethod: text('code_challenge_method', { enum: ['plain', 's256'] }).notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('auth_codes_by_account').on(table.accountId), index('auth_codes_by_expiry').on(table.expiresAt)],
);

/** Second factors (TOTP). */
export const mfaFactors = sqliteTable(
  'mfa_factors',
  {
    id: text().primaryKey(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    /** unique within the account unless empty */
    friendlyName: text('friendly_name').notNull(),
    status: text({ enum: ['unverified', 'verified'] }).notNull(),
    /** sealed base32 secret */
    secret: text().notNull(),
    /** the last time step a code was accepted of, so that none is accepted twice */
    lastStep: integer('last_step').notNull().default(0),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [index('mfa_factors_by_account').on(table.accountId)],
);

/** A factor's challenges, which a code answers once. */
export const mfaChallenges = sqliteTable(
  'mfa_challenges',
  {
    id: text().primaryKey(),
    factorId: text('factor_id')
      .notNull()
      .references(() => mfaFactors.id, { onDelete: 'cascade' }),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    index('mfa_challenges_by_factor').on(table.factorId),
    index('mfa_challenges_by_expiry').on(table.expiresAt),
  ],
);

/** How often something was asked for, by what is limited and by whom. */
export const rateLimits = sqliteTable(
  'rate_limits',
  {
    /** `<limit>:<address|account>:<value>` */
    key: text().primaryKey(),
    /** so far, since it was last at rest */
    hits: integer().notNull(),
    /** steady rates: when all that was taken is given back; growing delays: when the next one is let in */
    until: integer().notNull(),
    /** from then on it is at rest */
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('rate_limits_by_expiry').on(table.expiresAt)],
);

/** Access tokens on their way from a browser to the CLI that asked for one; encrypted for that CLI alone. */
export const cliLogins = sqliteTable(
  'cli_logins',
  {
    /** UUID, chosen by the CLI */
    sessionId: text('session_id').primaryKey(),
    /** hex: the token under AES-256-GCM, whose key only the CLI can work out */
    encryptedToken: text('encrypted_token').notNull(),
    /** hex: our half of the key agreement, P-256 uncompressed */
    publicKey: text('public_key').notNull(),
    /** hex; its first eight digits are the code that somebody types into the CLI */
    nonce: text().notNull(),
    failures: integer().notNull().default(0),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('cli_logins_by_expiry').on(table.expiresAt)],
);
