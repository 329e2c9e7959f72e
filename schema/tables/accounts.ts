import { isNotNull, isNull } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** People who sign in. Times are milliseconds since the epoch, here and in every table. */
export const accounts = sqliteTable(
  'accounts',
  {
    /** UUID: the `sub` of tokens and Studio's `gotrue_id` */
    id: text().primaryKey(),
    /** the numeric id Studio shows */
    number: integer().notNull().unique(),
    /** lower case */
    email: text().notNull().unique(),
    /** `scrypt$…` as made by the hasher; null: cannot sign in by password */
    passwordHash: text('password_hash'),
    username: text().notNull(),
    firstName: text('first_name').notNull().default(''),
    lastName: text('last_name').notNull().default(''),
    /** may call the operator's procedures (hosts, users, all projects) */
    isOperator: integer('is_operator', { mode: 'boolean' }).notNull().default(false),
    /** JSON: what clients keep of their user; decides nothing */
    userMetadata: text('user_metadata').notNull().default('{}'),
    createdAt: integer('created_at').notNull(),
    emailConfirmedAt: integer('email_confirmed_at'),
    lastSignInAt: integer('last_sign_in_at'),
    disabledAt: integer('disabled_at'),
  },
  (table) => [index('accounts_unconfirmed_by_time').on(table.createdAt).where(isNull(table.emailConfirmedAt))],
);

/** One sign-in. Signing out deletes the row, which ends its access tokens at once. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text().primaryKey(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    aal: text({ enum: ['aal1', 'aal2'] }).notNull(),
    /** how it was started: the first entry of `amr` */
    method: text({ enum: ['password', 'otp', 'oauth'] })
      .notNull()
      .default('password'),
    /** when the second factor was verified in it; null: it was not */
    factorVerifiedAt: integer('factor_verified_at'),
    createdAt: integer('created_at').notNull(),
    refreshedAt: integer('refreshed_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    address: text(),
    userAgent: text('user_agent'),
  },
  (table) => [index('sessions_by_account').on(table.accountId), index('sessions_by_expiry').on(table.expiresAt)],
);

/** Refresh tokens of a session. Rotation sets `rotatedAt`; use after the grace period ends the session. */
export const refreshTokens = sqliteTable(
  'refresh_tokens',
  {
    /** SHA-256 of the token, hex */
    hash: text().primaryKey(),
    sessionId: text('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    createdAt: integer('created_at').notNull(),
    rotatedAt: integer('rotated_at'),
  },
  (table) => [index('refresh_tokens_by_session').on(table.sessionId)],
);

/** Personal access tokens (`sbp_` + 40 hex), kept as SHA-256. */
export const accessTokens = sqliteTable(
  'access_tokens',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    /** SHA-256 of the token, hex */
    hash: text().notNull().unique(),
    /** the first characters and the last four, for lists */
    alias: text().notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at'),
    /** JSON: the permissions it is limited to, in Studio's words; null: all that its owner may */
    permissions: text(),
    /** it reaches only what `access_token_resources` lists of it */
    isLimited: integer('is_limited', { mode: 'boolean' }).notNull().default(false),
    /** to about ten minutes, so that using a token writes nothing most of the time; null: not yet */
    lastUsedAt: integer('last_used_at'),
  },
  (table) => [
    index('access_tokens_by_account').on(table.accountId),
    index('access_tokens_by_expiry').on(table.expiresAt).where(isNotNull(table.expiresAt)),
  ],
);

/** What a limited access token reaches: whole organizations, single projects. Goes with the membership. */
export const accessTokenResources = sqliteTable(
  'access_token_resources',
  {
    tokenId: integer('token_id')
      .notNull()
      .references(() => accessTokens.id, { onDelete: 'cascade' }),
    /** of the listed organization, or of the listed project */
    organizationId: integer('organization_id').notNull(),
    /** `''`: the whole organization */
    ref: text().notNull().default(''),
  },
  (table) => [
    primaryKey({ columns: [table.tokenId, table.organizationId, table.ref] }),
    index('access_token_resources_by_organization').on(table.organizationId),
  ],
);
