import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Who did what. Written in the batch of the change itself. */
export const auditEntries = sqliteTable(
  'audit_entries',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    at: integer().notNull(),
    /** null: not of one organization (accounts, hosts) */
    organizationId: integer('organization_id'),
    /** `account`, `host` or `system` */
    actorKind: text('actor_kind', { enum: ['account', 'host', 'system'] }).notNull(),
    actorId: text('actor_id').notNull(),
    /** one of `auditActions` */
    action: text().notNull(),
    /** what it was done to: a ref, a slug, a host id … */
    target: text().notNull(),
    requestId: text('request_id').notNull(),
    address: text(),
    /** JSON object, free of secrets */
    details: text().notNull(),
  },
  (table) => [
    index('audit_entries_by_organization').on(table.organizationId, table.id),
    index('audit_entries_by_time').on(table.at),
  ],
);
