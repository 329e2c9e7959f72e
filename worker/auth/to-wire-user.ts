import { z } from '@hono/zod-openapi';
import type { AccountUser } from '../accounts/issue.ts';
import { emptyList } from '../http/answer.ts';
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

/** GoTrue's user. */
export const userWire = z.object({
  id: z.string(),
  aud: z.string(),
  role: z.string(),
  email: z.string(),
  email_confirmed_at: z.string().optional(),
  phone: z.string(),
  confirmed_at: z.string().optional(),
  last_sign_in_at: z.string().optional(),
  app_metadata: z.record(z.string(), z.unknown()),
  user_metadata: z.record(z.string(), z.unknown()),
  identities: z.array(identity),
  factors: emptyList,
  created_at: z.string(),
  updated_at: z.string(),
  is_anonymous: z.boolean(),
});

/** An account as GoTrue shows a user who signs in by email. */
export function toWireUser(account: AccountUser): z.infer<typeof userWire> {
  const createdAt = isoTime(account.createdAt);
  const updatedAt = isoTime(account.lastSignInAt ?? account.createdAt);
  const lastSignIn = account.lastSignInAt === null ? {} : { last_sign_in_at: isoTime(account.lastSignInAt) };
  const confirmedAt = account.emailConfirmedAt === null ? null : isoTime(account.emailConfirmedAt);
  return {
    id: account.id,
    aud: 'authenticated',
    role: 'authenticated',
    email: account.email,
    ...(confirmedAt !== null && { email_confirmed_at: confirmedAt, confirmed_at: confirmedAt }),
    phone: '',
    ...lastSignIn,
    app_metadata: { provider: 'email', providers: ['email'] },
    user_metadata: {},
    identities: [
      {
        // the one identity of an account needs no id of its own
        identity_id: account.id,
        id: account.id,
        user_id: account.id,
        identity_data: {
          email: account.email,
          email_verified: confirmedAt !== null,
          phone_verified: false,
          sub: account.id,
        },
        provider: 'email',
        ...lastSignIn,
        created_at: createdAt,
        updated_at: updatedAt,
        email: account.email,
      },
    ],
    factors: [],
    created_at: createdAt,
    updated_at: updatedAt,
    is_anonymous: false,
  };
}
