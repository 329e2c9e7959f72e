import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { instanceSizes } from '../instance-sizes.ts';
import { changes, powers } from '../project-status.ts';
import { stackProfiles } from '../stack-profiles.ts';
import { hosts } from './hosts.ts';
import { organizations } from './organizations.ts';

/** What users decided about a project. Agents never write here. */
export const projects = sqliteTable(
  'projects',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    ref: text().notNull().unique(),
    organizationId: integer('organization_id')
      .notNull()
      .references(() => organizations.id),
    name: text().notNull(),
    cloudProvider: text('cloud_provider').notNull(),
    region: text().notNull(),
    size: text({ enum: instanceSizes }).notNull(),
    /** by `stack-releases.json`; the default is what rows from before there was a choice have */
    release: text().notNull().default('2026.09'),
    /** major version, that of the release */
    postgresVersion: text('postgres_version').notNull(),
    profile: text({ enum: stackProfiles }).notNull().default('standard'),
    hostId: text('host_id')
      .notNull()
      .references(() => hosts.id),
    /** first port of its block, unique per host; null: the host had none left, so it cannot start */
    firstPort: integer('first_port'),
    power: text({ enum: powers }).notNull(),
    change: text({ enum: changes }).notNull(),
    /** bumped by every change of desired state */
    generation: integer().notNull(),
    /** bumped by "restart" */
    restarts: integer().notNull().default(0),
    /** JSON: settings of the data API (`liveSpec.rest`) */
    rest: text().notNull(),
    createdAt: integer('created_at').notNull(),
    changedAt: integer('changed_at').notNull(),
  },
  (table) => [
    uniqueIndex('projects_by_port').on(table.hostId, table.firstPort),
    index('projects_by_organization').on(table.organizationId, table.name),
    index('projects_by_organization_and_age').on(table.organizationId, table.id),
  ],
);

/** A project's secrets, each sealed by the vault with (table, ref, name) as associated data. */
export const projectSecrets = sqliteTable('project_secrets', {
  ref: text()
    .primaryKey()
    .references(() => projects.ref, { onDelete: 'cascade' }),
  /** sealed JSON: `StackSecrets` without `apiKeys` */
  sealed: text().notNull(),
});

/** Opaque API keys (`sb_…`) of projects. */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text().primaryKey(),
    ref: text()
      .notNull()
      .references(() => projects.ref, { onDelete: 'cascade' }),
    name: text().notNull(),
    type: text({ enum: ['publishable', 'secret'] }).notNull(),
    description: text().notNull().default(''),
    /** the key, sealed */
    sealed: text().notNull(),
    /** the first characters, for lists that do not reveal */
    prefix: text().notNull(),
    /** SHA-256 of the key, hex */
    hash: text().notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('api_keys_by_project').on(table.ref)],
);
