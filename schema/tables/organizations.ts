import { foreignKey, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { accounts } from './accounts.ts';

export const organizations = sqliteTable('organizations', {
  /** the numeric id by which Studio matches projects to organizations */
  id: integer().primaryKey({ autoIncrement: true }),
  slug: text().notNull().unique(),
  name: text().notNull(),
  createdAt: integer('created_at').notNull(),
  /** members are let in only with a session of level aal2; personal access tokens are not concerned */
  requiresMfa: integer('requires_mfa', { mode: 'boolean' }).notNull().default(false),
  /** JSON: what Studio's assistant may be told, in Studio's words */
  optInTags: text('opt_in_tags').notNull().default('[]'),
  /** projects that have a row, kept by triggers: lists say how many there are without counting them */
  projectCount: integer('project_count').notNull().default(0),
});

export const memberships = sqliteTable(
  'memberships',
  {
    organizationId: integer('organization_id')
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    /** `Project-scoped`: what the member may do is in `project_roles` */
    role: text({ enum: ['Owner', 'Administrator', 'Developer', 'Read-only', 'Project-scoped'] }).notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.organizationId] }),
    index('memberships_by_organization').on(table.organizationId, table.accountId),
  ],
);

/** The role of a project-scoped member in one project: one at most. */
export const projectRoles = sqliteTable(
  'project_roles',
  {
    accountId: text('account_id').notNull(),
    organizationId: integer('organization_id').notNull(),
    /** of a project of the organization; goes with it by a trigger */
    ref: text().notNull(),
    role: text({ enum: ['Owner', 'Administrator', 'Developer', 'Read-only'] }).notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.ref] }),
    index('project_roles_by_organization').on(table.organizationId, table.accountId),
    index('project_roles_by_project').on(table.ref),
    foreignKey({
      columns: [table.accountId, table.organizationId],
      foreignColumns: [memberships.accountId, memberships.organizationId],
    }).onDelete('cascade'),
  ],
);

/** Open invitations. Accepting, declining and revoking delete the row; one per organization and address. */
export const invitations = sqliteTable(
  'invitations',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    organizationId: integer('organization_id')
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    /** lower case; only an account with this address may accept */
    email: text().notNull(),
    role: text({ enum: ['Owner', 'Administrator', 'Developer', 'Read-only'] }).notNull(),
    /** JSON: refs the role is for; `[]`: the whole organization */
    refs: text().notNull().default('[]'),
    /** SHA-256 of the token in the link, hex */
    tokenHash: text('token_hash').notNull().unique(),
    invitedBy: text('invited_by').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    uniqueIndex('invitations_by_address').on(table.organizationId, table.email),
    index('invitations_by_email').on(table.email),
    index('invitations_by_expiry').on(table.expiresAt),
  ],
);
