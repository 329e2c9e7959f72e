import { z } from 'zod';

const factors = z.array(
  z.object({
    id: z.string(),
    friendlyName: z.string(),
    status: z.enum(['unverified', 'verified']),
    createdAt: z.number(),
    updatedAt: z.number(),
  }),
);
export type Factor = z.infer<typeof factors>[number];

const identities = z.array(
  z.object({
    id: z.string(),
    provider: z.string(),
    subject: z.string(),
    email: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
    createdAt: z.number(),
    lastSignInAt: z.number(),
  }),
);
export type Identity = z.infer<typeof identities>[number];

const emailChange = z.object({ email: z.string(), sentAt: z.number() });
export type EmailChange = z.infer<typeof emailChange>;

/** The address that was asked whether it is the account's from now on, as its row has it. */
export function emailChangeOf(account: { emailChange: string | null }): EmailChange | null {
  return account.emailChange === null ? null : emailChange.parse(JSON.parse(account.emailChange));
}

/** The second factors of an account, as its row has them. */
export function factorsOf(account: { factors: string }): Factor[] {
  return factors.parse(JSON.parse(account.factors));
}

/** The identity providers an account signs in with, as its row has them. */
export function identitiesOf(account: { identities: string }): Identity[] {
  return identities.parse(JSON.parse(account.identities));
}
