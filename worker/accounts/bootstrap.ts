import type { OpenCtx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { newEnrolmentToken } from '../hosts/create-enrolment-token.ts';
import { newLetters } from '../projects/new-letters.ts';
import { newAccessToken } from './create-access-token.ts';
import { newAccount } from './create-account.ts';
import { requireEmail, requirePassword } from './credentials.ts';

export type Bootstrapped = {
  accountId: string;
  organizationSlug: string;
  accessToken: string;
  enrolmentToken: string;
};

/**
 * The first start of a control plane: an operator, an organization it owns, an access token of it, and a token to
 * enrol the first host, all at once and once only. Errors: `invalid_input`, `conflict` when there is an account.
 */
export async function bootstrap(
  ctx: OpenCtx,
  input: { email: string; password: string; organizationName: string; accessToken?: string | undefined },
): Promise<Bootstrapped> {
  const { clock, hasher, random, store } = ctx.deps;
  const email = requireEmail(input.email);
  const password = requirePassword(input.password);
  if (await store.bootstrap.hasAccounts()) throw alreadyDone();

  const passwordHash = await hasher.hash(password);
  const now = clock.now();
  const account = newAccount({ id: random.uuid(), email, passwordHash, isOperator: true, createdAt: now });
  const organization = { slug: newLetters(random), name: input.organizationName };
  const { token, row } = await newAccessToken(ctx.deps, {
    accountId: account.id,
    name: 'First start',
    expiresAt: null,
    token: input.accessToken,
  });
  const enrolment = await newEnrolmentToken(random, now);
  const made = await store.bootstrap.firstStart(
    {
      account,
      organization,
      accessToken: row,
      enrolmentToken: { hash: enrolment.hash, expiresAt: enrolment.expiresAt },
    },
    ctx.request,
  );
  if (!made) throw alreadyDone();
  return {
    accountId: account.id,
    organizationSlug: organization.slug,
    accessToken: token,
    enrolmentToken: enrolment.token,
  };
}

function alreadyDone(): AppError {
  return new AppError('conflict', 'This control plane has accounts already');
}
