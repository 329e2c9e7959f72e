import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Machines that run projects. What their agents say of themselves is in `facts`. */
export const hosts = sqliteTable('hosts', {
  id: text().primaryKey(),
  name: text().notNull().unique(),
  region: text().notNull(),
  /** raw Ed25519 public key, base64url */
  publicKey: text('public_key').notNull(),
  runtime: text({ enum: ['embedded', 'compose'] }).notNull(),
  agentVersion: text('agent_version').notNull(),
  projectHost: text('project_host').notNull(),
  frontDoorHost: text('front_door_host'),
  frontDoorPort: integer('front_door_port'),
  firstPort: integer('first_port').notNull(),
  lastPort: integer('last_port').notNull(),
  /** no new projects are placed here */
  cordoned: integer({ mode: 'boolean' }).notNull().default(false),
  enrolledAt: integer('enrolled_at').notNull(),
  revokedAt: integer('revoked_at'),
  /** bumped in the batch of every change of desired state on this host: the agents' cursor */
  changeSequence: integer('change_sequence').notNull().default(0),
  /** sequence of the last accepted report */
  reportSequence: integer('report_sequence').notNull().default(0),
  /** when the last report was accepted */
  reportedAt: integer('reported_at'),
  /** every project last reported healthy was reached through its gateway at this time or later */
  verifiedAt: integer('verified_at'),
  /** JSON: refs of stacks with our label that no list of this host names; shown, never touched */
  strangers: text().notNull().default('[]'),
  /** set by the tick when reports stopped, cleared by the next one */
  lostAt: integer('lost_at'),
});

/** One-time tokens for `supafleet-agent join`. */
export const enrolmentTokens = sqliteTable(
  'enrolment_tokens',
  {
    /** SHA-256 of the token, hex */
    hash: text().primaryKey(),
    createdBy: text('created_by'),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    /** the host that used it */
    usedBy: text('used_by'),
    usedAt: integer('used_at'),
  },
  (table) => [index('enrolment_tokens_by_expiry').on(table.expiresAt)],
);
