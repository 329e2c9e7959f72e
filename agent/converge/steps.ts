import { authSql } from './auth/auth.ts';
import { databaseSettingsSql } from './database-settings.ts';
import { extensionsSql } from './extensions.ts';
import { graphqlSql } from './graphql.ts';
import { publicationSql } from './publication.ts';
import { realtimeSql } from './realtime.ts';
import { rolesSql } from './roles.ts';
import { schemaReloadSql } from './schema-reload.ts';
import { schemasSql } from './schemas.ts';
import { storageSql } from './storage/storage.ts';

/** Which services run beside the database: those make their own schema, with their own migrations. */
export type Services = { auth: boolean; storage: boolean; realtime: boolean };

export type Step = { name: string; sql: string };

/** What makes a Postgres a Supabase database, in order. Each step may run again at any time. */
export function convergeSteps(options: { services: Services; jwtExpirySeconds: number }): Step[] {
  const { services } = options;
  return [
    { name: 'roles', sql: rolesSql },
    { name: 'schemas', sql: schemasSql },
    { name: 'extensions', sql: extensionsSql },
    { name: 'auth', sql: authSql({ hasService: services.auth }) },
    { name: 'storage', sql: storageSql({ hasService: services.storage }) },
    { name: 'realtime', sql: realtimeSql({ hasService: services.realtime }) },
    { name: 'graphql', sql: graphqlSql },
    { name: 'publication', sql: publicationSql },
    { name: 'schema reload', sql: schemaReloadSql },
    { name: 'database settings', sql: databaseSettingsSql(options) },
  ].filter((step) => step.sql !== '');
}
