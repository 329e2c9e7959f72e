import { Client, type ClientConfig } from 'pg';
import { Misconfigured } from './double.ts';

/** Connects once and asks. Rejects with a Misconfigured that names the variable when the database lets nobody in. */
export async function ask(variable: string, place: ClientConfig, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ ...place, connectionTimeoutMillis: 10_000 });
  // a connection that ends on its own fails the query as well
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Misconfigured(`${variable} leads to no usable database: ${reason}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Rejects with a Misconfigured when the service could not make its tables: no such schema, or not allowed there. */
export async function requireSchema(variable: string, place: ClientConfig, schema: string): Promise<void> {
  const [row] = await ask(
    variable,
    place,
    `select to_regnamespace('${schema}') is not null and has_schema_privilege('${schema}', 'create') as usable`,
  );
  if (row?.usable !== true)
    throw new Misconfigured(`${variable}: the database has no schema ${schema} to create tables in`);
}

/** A connection URL in the words of the driver: it knows no scheme but Postgres' own. */
export function placeOf(url: URL): ClientConfig {
  return {
    host: url.hostname,
    port: Number(url.port || '5432'),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
  };
}
