import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { accounts } from './accounts.ts';

/** What Studio's bell tells somebody. Written in the batch of the event itself. */
export const notifications = sqliteTable(
  'notifications',
  {
    id: text().primaryKey(),
    accountId: text('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    /** the kind of event */
    name: text().notNull(),
    priority: text({ enum: ['Critical', 'Warning', 'Info'] }).notNull(),
    status: text({ enum: ['new', 'seen', 'archived'] })
      .notNull()
      .default('new'),
    /** slug of the organization it is about */
    organizationSlug: text('organization_slug'),
    /** ref of the project it is about */
    projectRef: text('project_ref'),
    /** JSON: title, message, actions */
    data: text().notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    index('notifications_by_account').on(table.accountId, table.createdAt),
    index('notifications_by_time').on(table.createdAt),
  ],
);
