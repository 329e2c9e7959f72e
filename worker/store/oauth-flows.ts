import { and, eq, gt, sql } from 'drizzle-orm';
import { oauthFlows } from '../../schema/tables/sign-in.ts';
import { change } from './change.ts';
import type { Database, RowOf } from './db.ts';

function flowStatements(database: Database) {
  return database.prepare(
    database.orm
      .select()
      .from(oauthFlows)
      .where(and(eq(oauthFlows.hash, sql.placeholder('hash')), gt(oauthFlows.expiresAt, sql.placeholder('now')))),
  );
}

export type OauthFlow = RowOf<ReturnType<typeof flowStatements>>;

/** People who were sent to an identity provider. Known by the SHA-256 (hex) of the `state` only. */
export function oauthFlowStore(database: Database) {
  const live = flowStatements(database);

  return {
    /** One round trip; what nobody came back from in time goes. */
    async add(flow: OauthFlow): Promise<void> {
      await database.write([
        change('delete from oauth_flows where expires_at <= ?', [flow.createdAt]),
        change(
          `insert into oauth_flows (hash, provider, verifier, nonce, redirect_to, code_challenge, code_challenge_method,
                                    created_at, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          [
            flow.hash,
            flow.provider,
            flow.verifier,
            flow.nonce,
            flow.redirectTo,
            flow.codeChallenge,
            flow.codeChallengeMethod,
            flow.createdAt,
            flow.expiresAt,
          ],
        ),
      ]);
    },

    /** One round trip: the flow, which is over by that. Of two who ask at the same time one gets it. */
    async take(hash: string, now: number): Promise<OauthFlow | null> {
      const [rows] = await database.write([
        live({ hash, now }),
        change('delete from oauth_flows where hash = ?', [hash]),
      ]);
      return rows[0] ?? null;
    },
  };
}
export type OauthFlowStore = ReturnType<typeof oauthFlowStore>;
