import { isNotNull } from 'drizzle-orm';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/**
 * Who did what. Written in the batch of the change itself. The entries of an organization are a chain: each one's hash
 * covers the hash before it.
 */
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
    /** how it was asked for: `POST /platform/projects`; null: by nobody's request */
    route: text(),
    /** how the actor proved who they are; null: not an account */
    credential: text({ enum: ['session', 'token'] }),
    /** JSON object, free of secrets */
    details: text().notNull(),
    /** 1, 2, 3 … within the organization; null: of none, or from before there were chains */
    sequence: integer(),
    /** SHA-256 over the hash before it and this entry, hex */
    hash: text(),
    /** the vault's seal over sequence and hash, which becomes the head's */
    seal: text(),
  },
  (table) => [
    index('audit_entries_by_organization').on(table.organizationId, table.id),
    index('audit_entries_by_actor').on(table.actorId, table.id),
    index('audit_entries_by_action').on(table.organizationId, table.action, table.id),
    index('audit_entries_by_target').on(table.organizationId, table.target, table.id),
    index('audit_entries_by_time').on(table.at),
    uniqueIndex('audit_entries_by_sequence').on(table.organizationId, table.sequence).where(isNotNull(table.sequence)),
  ],
);

/** Where the chain of an organization ends, and since when. Kept by a trigger; outlives the organization. */
export const auditHeads = sqliteTable('audit_heads', {
  organizationId: integer('organization_id').primaryKey(),
  sequence: integer().notNull(),
  hash: text().notNull(),
  /** the vault's seal over sequence and hash: whoever has only the database cannot make one */
  seal: text().notNull(),
  /** the last entry that retention removed; 0: none */
  anchorSequence: integer('anchor_sequence').notNull().default(0),
  anchorHash: text('anchor_hash').notNull().default(''),
  anchorSeal: text('anchor_seal').notNull().default(''),
});
