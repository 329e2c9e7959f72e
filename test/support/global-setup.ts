import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@libsql/client/web';
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { startSqld } from './sqld.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseUrl: string;
  }
}

/** One real, migrated libSQL server for the run; suites keep apart by organizations of their own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const sqld = await startSqld();
  const client = createClient({ url: sqld.url });
  await client.executeMultiple(await migrationSql());
  client.close();
  project.provide('databaseUrl', sqld.url);
  return sqld.stop;
}

/** All migrations as one script, in their order. */
export async function migrationSql(): Promise<string> {
  const directory = join(import.meta.dirname, '../../migrations');
  const files = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(directory, name), 'utf8')));
  return texts.join('\n').replaceAll('--> statement-breakpoint', '');
}
