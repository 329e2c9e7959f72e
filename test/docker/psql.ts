import { Client } from 'pg';
import type { Project } from '../../client/contract/projects.ts';

/** SQL by the front door, as somebody with a connection string. Rejects as Postgres, or the door, refuses it. */
export async function psql(
  { ref, database }: Pick<Project, 'ref' | 'database'>,
  { user = 'postgres', password }: { user?: string; password: string },
  sql: string,
): Promise<unknown[]> {
  const client = new Client({
    host: '127.0.0.1',
    port: database.port,
    user: `${user}.${ref}`,
    password,
    database: 'postgres',
    ssl: { rejectUnauthorized: false },
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
