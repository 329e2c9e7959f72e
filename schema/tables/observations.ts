import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { phases } from '../project-status.ts';
import { projects } from './projects.ts';

/** What agents last saw of a project. Users never write here, agents nothing else. */
export const observations = sqliteTable('observations', {
  ref: text()
    .primaryKey()
    .references(() => projects.ref, { onDelete: 'cascade' }),
  /** the generation the agent acted on; an older one never overwrites a newer */
  generation: integer().notNull(),
  phase: text({ enum: phases }).notNull(),
  reason: text(),
  reportedAt: integer('reported_at').notNull(),
  /** when an authenticated request through the gateway last reached Postgres, as of this report */
  verifiedAt: integer('verified_at'),
  /** the last generation that was seen healthy, so that what follows is no transition any more; null: never */
  healthyGeneration: integer('healthy_generation'),
  gatewayProtocol: text('gateway_protocol', { enum: ['http', 'https'] }),
  gatewayEndpoint: text('gateway_endpoint'),
  /** JSON: `ServiceReport[]` */
  services: text().notNull(),
  /** JSON: sentences on what somebody changed by hand on the host */
  drift: text().notNull().default('[]'),
  /** sequence of the host's report that first told of it; null: there is none */
  driftSequence: integer('drift_sequence'),
});
