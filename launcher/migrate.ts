import { join } from 'node:path';
import { createClient } from '@libsql/client/web';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { drizzle } from 'drizzle-orm/libsql/web';

/** Applies what is missing of `migrations/`; running it again changes nothing. */
export async function applyMigrations(url: string, authToken: string): Promise<void> {
  const client = createClient({ url, authToken });
  try {
    await migrate(drizzle(client), { migrationsFolder: join(import.meta.dirname, '../migrations') });
  } finally {
    client.close();
  }
}
