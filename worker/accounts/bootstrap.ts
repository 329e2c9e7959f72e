import { sha256Hex } from '../auth/digest.ts';
import { createToken } from '../auth/secrets.ts';
import type { OpenCtx, Random } from '../deps.ts';
import { AppError } from '../errors.ts';
import { newAccessToken } from './create-access-token.ts';
import { newAccount } from './create-account.ts';
import { requireEmail, requirePassword } from './credentials.ts';

const enrolmentLifetimeMs = 3600 * 1000;

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
  const organization = { slug: randomLetters(random, 20), name: input.organizationName };
  const { token, row } = await newAccessToken(ctx.deps, {
    accountId: account.id,
    name: 'First start',
    expiresAt: null,
    token: input.accessToken,
  });
  const enrolmentToken = createToken(random, 'sfe_');
  const made = await store.bootstrap.firstStart(
    {
      account,
      organization,
      accessToken: row,
      enrolmentToken: { hash: await sha256Hex(enrolmentToken), expiresAt: now + enrolmentLifetimeMs },
    },
    ctx.request,
  );
  if (!made) throw alreadyDone();
  return { accountId: account.id, organizationSlug: organization.slug, accessToken: token, enrolmentToken };
}

/** Lower-case letters; 26 does not divide 256, so bytes above its last multiple are drawn again. */
function randomLetters(random: Random, length: number): string {
  let letters = '';
  while (letters.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < 234 && letters.length < length) letters += String.fromCharCode(97 + (byte % 26));
    }
  }
  return letters;
}

function alreadyDone(): AppError {
  return new AppError('conflict', 'This control plane has accounts already');
}
