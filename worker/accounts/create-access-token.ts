import type { TokenPermission } from '../../schema/token-permissions.ts';
import { sha256Hex } from '../auth/digest.ts';
import { createToken } from '../auth/secrets.ts';
import type { Ctx, Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { tokenLimits } from '../limits/limits-of.ts';
import { letIn } from '../limits/require-allowance.ts';
import type { NewAccessToken } from '../store/access-tokens.ts';
import type { Reach } from '../store/token-reach.ts';
import { type AccessToken, accessTokenOf } from './access-token.ts';
import { requireSession } from './require-session.ts';

export const maximumTokens = 100;
const maximumLifetimeMs = 366 * 24 * 3600 * 1000;

export type CreateAccessToken = {
  name: string;
  expiresAt: number | null;
  /** null: all that its owner may */
  permissions?: readonly TokenPermission[] | null | undefined;
  /** what it reaches; neither: all that its owner does */
  organizationSlugs?: readonly string[] | undefined;
  projectRefs?: readonly string[] | undefined;
};

/**
 * A personal access token (`sbp_` + 40 hex) of the actor's; `token` is told this once. A token makes no further tokens:
 * a stolen one would outlive its expiry. What it may do is decided when it is used: never more than its owner then may.
 * Errors: `invalid_input`, `forbidden`, `conflict`, `rate_limited`.
 */
export async function createAccessToken(ctx: Ctx, input: CreateAccessToken): Promise<AccessToken & { token: string }> {
  const { clock, store } = ctx.deps;
  const limits = tokenLimits(ctx);
  const now = clock.now();
  const listed = { slugs: input.organizationSlugs ?? [], refs: input.projectRefs ?? [] };
  const known = await store.accessTokens.beforeToken(ctx.credential, listed, limits, now);
  const { actor } = known;
  letIn(ctx.request, limits, known.taken, now);
  requireSession(ctx);
  requireExpiry(input.expiresAt, now);
  const reach = [...organizationsOf(listed.slugs, known.organizations), ...projectsOf(listed.refs, known.projects)];
  if (known.total >= maximumTokens) throw tooMany();
  const permissions = input.permissions == null ? null : [...new Set(input.permissions)];
  const { token, row } = await newAccessToken(ctx.deps, {
    accountId: actor.accountId,
    name: input.name,
    expiresAt: input.expiresAt,
  });
  const details = {
    name: input.name,
    ...(permissions !== null && { permissions: permissions.join(' ') }),
    ...(reach.length > 0 && { reaches: [...listed.slugs, ...listed.refs].join(' ') }),
  };
  const created = await store.accessTokens.addToken(row, { permissions, reach }, maximumTokens, {
    actor,
    request: ctx.request,
    details,
  });
  if (created === null) throw reach.length === 0 ? tooMany() : changed();
  return { ...accessTokenOf(created), token };
}

/** What of the listed organizations is the actor's: all of it, or the refusal says what is not. */
function organizationsOf(
  slugs: readonly string[],
  visible: readonly { organizationId: number; slug: string }[],
): Reach[] {
  return [...new Set(slugs)].map((slug) => {
    const found = visible.find((organization) => organization.slug === slug);
    if (found !== undefined) return { organizationId: found.organizationId, ref: null };
    throw new AppError('invalid_input', `organization_slugs: you have access to no organization "${slug}"`);
  });
}

function projectsOf(refs: readonly string[], visible: readonly { organizationId: number; ref: string }[]): Reach[] {
  return [...new Set(refs)].map((ref) => {
    const found = visible.find((project) => project.ref === ref);
    if (found !== undefined) return { organizationId: found.organizationId, ref };
    throw new AppError('invalid_input', `project_refs: you have access to no project "${ref}"`);
  });
}

/** A token, the given one or a new one, and the row that is kept of it. */
export async function newAccessToken(
  deps: Deps,
  { token = createToken(deps.random, 'sbp_'), ...input }: NewToken,
): Promise<{ token: string; row: NewAccessToken }> {
  const row = {
    ...input,
    hash: await sha256Hex(token),
    alias: `${token.slice(0, 8)}...${token.slice(-4)}`,
    createdAt: deps.clock.now(),
  };
  return { token, row };
}

type NewToken = { accountId: string; name: string; expiresAt: number | null; token?: string | undefined };

function requireExpiry(expiresAt: number | null, now: number): void {
  if (expiresAt === null) return;
  if (expiresAt <= now || expiresAt > now + maximumLifetimeMs) {
    throw new AppError('invalid_input', 'expires_at: must be in the future, within a year');
  }
}

function tooMany(): AppError {
  return new AppError('conflict', `An account has at most ${maximumTokens} access tokens; revoke one first`);
}

function changed(): AppError {
  return new AppError(
    'conflict',
    'Your access to what the token lists, or the number of your tokens, changed meanwhile',
  );
}
