import { and, eq, sql } from 'drizzle-orm';
import { mfaChallenges, mfaFactors } from '../../schema/tables/sign-in.ts';
import type { Credential, RequestInfo } from '../deps.ts';
import type { UserAccount } from './accounts.ts';
import { actorStatements, boundTo, credentialAccountId } from './actor.ts';
import { change } from './change.ts';
import type { Database } from './db.ts';
import { type OwnSession, ownSessionStatements } from './factors.ts';
import { raiseStatements, type VerifiedFactor } from './raise-session.ts';
import { type Limit, restStatement, type Taken, takenOf, takeStatements } from './rate-limits.ts';

function challengeStatements(database: Database) {
  const { orm } = database;
  const factor = database.prepare(
    orm
      .select({ secret: mfaFactors.secret, lastStep: mfaFactors.lastStep })
      .from(mfaFactors)
      .where(and(eq(mfaFactors.id, sql.placeholder('factorId')), eq(mfaFactors.accountId, credentialAccountId))),
  );
  const challenge = database.prepare(
    orm
      .select({ id: mfaChallenges.id })
      .from(mfaChallenges)
      .where(
        and(
          eq(mfaChallenges.id, sql.placeholder('challengeId')),
          eq(mfaChallenges.factorId, sql.placeholder('factorId')),
        ),
      ),
  );
  return { factor, challenge };
}

/** What was asked for with one try of a challenge. */
export type Guess = {
  account: UserAccount;
  session: OwnSession;
  /** null: the account has no such factor */
  factor: { secret: string; lastStep: number } | null;
  hasChallenge: boolean;
  /** false: the challenge's time is over */
  taken: boolean;
  limits: Taken;
};

/** Challenges of second factors and their answers. Times are milliseconds since the epoch. */
export function factorChallengeStore(database: Database) {
  const actor = actorStatements(database);
  const { own, session } = ownSessionStatements(database);
  const { factor, challenge } = challengeStatements(database);

  return {
    /** One round trip. False: the account has no such factor any more. */
    async add(added: { id: string; factorId: string; accountId: string; at: number; expiresAt: number }) {
      const { factorId, at } = added;
      const [inserted] = await database.write([
        change(
          `insert into mfa_challenges (id, factor_id, created_at, expires_at)
           select ?, id, ?, ? from mfa_factors where id = ? and account_id = ?`,
          [added.id, at, added.expiresAt, factorId, added.accountId],
        ),
        change('delete from mfa_challenges where factor_id = ? and expires_at <= ?', [factorId, at]),
      ]);
      return inserted.rowsAffected === 1;
    },

    /**
     * One round trip: pays for one try of a challenge before the code is looked at, so that tries side by side count as
     * well, and takes one of the limits. Each costs `costMs` of the challenge's time. Null: the session does not live.
     */
    async takeGuess(
      credential: Credential,
      guess: { factorId: string; challengeId: string; costMs: number },
      limits: readonly Limit[],
      now: number,
    ): Promise<Guess | null> {
      const { factorId, challengeId } = guess;
      const bound = { ...boundTo(credential, now), factorId, challengeId };
      const [hasTaken, states, taken, actors, accountRows, sessionRows, factors, challenges] = await database.write([
        ...takeStatements(limits, now),
        change(
          `update mfa_challenges set expires_at = expires_at - ? where id = ? and expires_at > ? and factor_id = (
             select f.id from mfa_factors as f join sessions as s on s.account_id = f.account_id
             where f.id = ? and s.id = ? and s.expires_at > ?)`,
          [guess.costMs, challengeId, now, factorId, credential.id, now],
        ),
        actor(bound),
        own(bound),
        session(bound),
        factor(bound),
        challenge(bound),
      ]);
      const [account, found] = [accountRows[0], sessionRows[0]];
      if (actors.length === 0 || account === undefined || found === undefined) return null;
      return {
        account,
        session: found,
        factor: factors[0] ?? null,
        hasChallenge: challenges.length === 1,
        taken: taken.rowsAffected === 1,
        limits: takenOf([hasTaken, states]),
      };
    },

    /** One round trip. Null: the challenge was answered already, the time step was, or the session ended. */
    async verify(verified: VerifiedFactor, request: RequestInfo): Promise<UserAccount | null> {
      const raised = raiseStatements(verified, request);
      const [answered, , , , , , , , , , accountRows] = await database.write([
        ...raised,
        own({ credential: verified.sessionId }),
        // the code was right: what was counted at the factor is back at rest
        restStatement([`factor.account:${verified.factorId}:${verified.accountId}`], verified.sessionId),
      ]);
      return answered.rowsAffected === 1 ? (accountRows[0] ?? null) : null;
    },
  };
}
export type FactorChallengeStore = ReturnType<typeof factorChallengeStore>;
