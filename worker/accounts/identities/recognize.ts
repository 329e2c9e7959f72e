import type { IdentityProfile, IdentityProvider, OpenCtx } from '../../deps.ts';
import type { Arrival } from '../../store/arrivals.ts';
import { requireEmail } from '../credentials.ts';
import { type ArrivalRefusal, refusals } from './refusals.ts';

type Recognized =
  | ({ kind: 'account' } & Pick<Arrival, 'accountId' | 'as' | 'identity'>)
  | { kind: 'refused'; refusal: ArrivalRefusal };

/**
 * Whose account it is that came back: that of the identity, else the one with the same address, if the provider verified
 * it; else a new one, where strangers may sign up or the address is invited.
 */
export async function recognize(
  { deps }: OpenCtx,
  provider: IdentityProvider,
  profile: IdentityProfile,
): Promise<Recognized> {
  const { clock, config, random, store } = deps;
  const email = profile.email === null ? null : requireEmail(profile.email);
  const at = clock.now();
  if (!isOfDomain(email, provider.emailDomains)) return refuse(refusals.foreignDomain);
  const { known, sameEmail, isInvited } = await store.identities.whoIs(
    { provider: provider.name, subject: profile.subject, email },
    at,
  );
  const identity = {
    id: random.uuid(),
    provider: provider.name,
    subject: profile.subject,
    email,
    data: JSON.stringify(profile.data),
  };
  const account = known ?? sameEmail;
  if (account !== null && account.disabledAt !== null) return refuse(refusals.banned);
  if (known !== null) return { kind: 'account', accountId: known.id, as: { kind: 'known' }, identity };
  if (email === null) return refuse(refusals.unverifiedEmail);
  if (sameEmail !== null) {
    const as = { kind: sameEmail.emailConfirmedAt === null ? 'claim' : 'link' } as const;
    return { kind: 'account', accountId: sameEmail.id, as, identity };
  }
  if (!(provider.signUp ?? config.signups === 'open') && !isInvited) return refuse(refusals.signupDisabled);
  const accountId = random.uuid();
  const created = {
    id: accountId,
    email,
    passwordHash: null,
    username: email,
    firstName: profile.firstName,
    lastName: profile.lastName,
    isOperator: false,
    createdAt: at,
    emailConfirmedAt: at,
    userMetadata: '{}',
  };
  return { kind: 'account', accountId, as: { kind: 'create', account: created }, identity };
}

function refuse(refusal: ArrivalRefusal): Recognized {
  return { kind: 'refused', refusal };
}

function isOfDomain(email: string | null, domains: readonly string[]): boolean {
  if (domains.length === 0) return true;
  return email !== null && domains.includes(email.slice(email.lastIndexOf('@') + 1));
}
