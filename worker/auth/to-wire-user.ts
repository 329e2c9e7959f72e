import { z } from '@hono/zod-openapi';
import type { AccountUser } from '../accounts/issue.ts';
import { metadataOf } from '../accounts/user-metadata.ts';
import { emailChangeOf, factorsOf, identitiesOf } from '../accounts/ways-in.ts';
import { isoTime } from '../projects/iso-time.ts';

const identity = z.object({
  identity_id: z.string(),
  id: z.string(),
  user_id: z.string(),
  identity_data: z.record(z.string(), z.unknown()),
  provider: z.string(),
  last_sign_in_at: z.string().optional(),
  created_at: z.string(),
  updated_at: z.string(),
  email: z.string(),
});

const factor = z.object({
  id: z.string(),
  friendly_name: z.string(),
  factor_type: z.literal('totp'),
  status: z.enum(['unverified', 'verified']),
  created_at: z.string(),
  updated_at: z.string(),
});

/** GoTrue's user. */
export const userWire = z.object({
  id: z.string(),
  aud: z.string(),
  role: z.string(),
  email: z.string(),
  email_confirmed_at: z.string().optional(),
  /** the address that is asked to confirm that it is the account's */
  new_email: z.string().optional(),
  email_change_sent_at: z.string().optional(),
  phone: z.string(),
  confirmed_at: z.string().optional(),
  last_sign_in_at: z.string().optional(),
  app_metadata: z.record(z.string(), z.unknown()),
  user_metadata: z.record(z.string(), z.unknown()),
  identities: z.array(identity),
  factors: z.array(factor),
  created_at: z.string(),
  updated_at: z.string(),
  is_anonymous: z.boolean(),
});

/** An account as GoTrue shows a user. */
export function toWireUser(account: AccountUser): z.infer<typeof userWire> {
  const createdAt = isoTime(account.createdAt);
  const updatedAt = isoTime(account.lastSignInAt ?? account.createdAt);
  const confirmedAt = account.emailConfirmedAt === null ? null : isoTime(account.emailConfirmedAt);
  const identities = [...(account.hasPassword === 1 ? [ownIdentity(account)] : []), ...otherIdentities(account)];
  const providers = identities.map(({ provider }) => provider);
  return {
    id: account.id,
    aud: 'authenticated',
    role: 'authenticated',
    email: account.email,
    ...(confirmedAt !== null && { email_confirmed_at: confirmedAt, confirmed_at: confirmedAt }),
    ...pendingEmail(account),
    phone: '',
    ...lastSignIn(account),
    app_metadata: { provider: providers[0] ?? 'email', providers },
    user_metadata: metadataOf(account),
    identities,
    factors: factorsOf(account).map(({ id, friendlyName, status, ...factor }) => ({
      id,
      friendly_name: friendlyName,
      factor_type: 'totp',
      status,
      created_at: isoTime(factor.createdAt),
      updated_at: isoTime(factor.updatedAt),
    })),
    created_at: createdAt,
    updated_at: updatedAt,
    is_anonymous: false,
  };
}

type WireIdentity = z.infer<typeof identity>;

/** The identity of whoever has a password needs no id of its own. */
function ownIdentity(account: AccountUser): WireIdentity {
  return {
    identity_id: account.id,
    id: account.id,
    user_id: account.id,
    identity_data: {
      email: account.email,
      email_verified: account.emailConfirmedAt !== null,
      phone_verified: false,
      sub: account.id,
    },
    provider: 'email',
    ...lastSignIn(account),
    created_at: isoTime(account.createdAt),
    updated_at: isoTime(account.lastSignInAt ?? account.createdAt),
    email: account.email,
  };
}

function otherIdentities(account: AccountUser): WireIdentity[] {
  return identitiesOf(account).map(({ id, provider, subject, email, data, createdAt, lastSignInAt }) => ({
    identity_id: id,
    id: subject,
    user_id: account.id,
    identity_data: { ...data, sub: subject, provider_id: subject },
    provider,
    last_sign_in_at: isoTime(lastSignInAt),
    created_at: isoTime(createdAt),
    updated_at: isoTime(lastSignInAt),
    email: email ?? '',
  }));
}

function pendingEmail(account: AccountUser): { new_email?: string; email_change_sent_at?: string } {
  const change = emailChangeOf(account);
  return change === null ? {} : { new_email: change.email, email_change_sent_at: isoTime(change.sentAt) };
}

function lastSignIn({ lastSignInAt }: AccountUser): { last_sign_in_at?: string } {
  return lastSignInAt === null ? {} : { last_sign_in_at: isoTime(lastSignInAt) };
}
