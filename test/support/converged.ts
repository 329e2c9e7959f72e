import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import type { ConvergeOptions } from '../../agent/converge/converge.ts';

/** Options of an embedded project: no service runs beside its database. */
export function embeddedOptions(options: Partial<ConvergeOptions> = {}): ConvergeOptions {
  return {
    dbPassword: '5f1d7c0b9a3e',
    adminPassword: null,
    jwtExpirySeconds: 3600,
    services: { auth: false, storage: false, realtime: false },
    randomBytes,
    ...options,
  };
}

/** What a statement does to a session: its rows, or the message of the error. */
export async function outcome(client: Client, sql: string, params: unknown[] = []): Promise<unknown> {
  try {
    return (await client.query(sql, params)).rows;
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}
