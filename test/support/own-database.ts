import { createClient } from '@libsql/client/web';
import { openDatabase } from '../../worker/store/db.ts';
import { createStores } from '../../worker/store/stores.ts';
import type { TestApp } from './app.ts';
import { chainOf } from './chain.ts';
import { migrationSql } from './global-setup.ts';
import { startSqld } from './sqld.ts';

export type OwnDatabase = { use(test: TestApp): TestApp; stop(): Promise<void> };

/** A database that no other suite shares, for what reaches every row there is. */
export async function startOwnDatabase(): Promise<OwnDatabase> {
  const sqld = await startSqld();
  const migrating = createClient({ url: sqld.url });
  await migrating.executeMultiple(await migrationSql());
  migrating.close();
  return {
    use(test) {
      const client = createClient({
        url: sqld.url,
        fetch: (request: Request) => {
          test.roundTrips.count += 1;
          return fetch(request);
        },
      });
      test.deps.store = createStores(openDatabase(client, chainOf(test.deps.vault, test.deps.random)));
      return { ...test, client };
    },
    stop: sqld.stop,
  };
}
