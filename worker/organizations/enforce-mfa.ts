import { requireMember } from '../access/require-member.ts';
import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { changedMeanwhile } from './changed-meanwhile.ts';
import { byOf } from './member-change.ts';

/**
 * Says whether an organization lets in members with a second factor only. Whoever asks for that has to have shown
 * theirs, or they would lock themselves out. Errors: `not_found`, `forbidden`, `insufficient_aal`, `conflict`.
 */
export async function enforceMfa(ctx: Ctx, input: { slug: string; enforced: boolean }): Promise<void> {
  const { actor, organization } = await requireMember(ctx, input.slug, 'organization:enforce-mfa');
  const { enforced } = input;
  if (organization.requiresMfa === enforced) return;
  if (enforced && actor.aal !== 'aal2') {
    throw new AppError(
      'insufficient_aal',
      'Enable multi-factor authentication for your own account first, and sign in with it: you would lock yourself out',
    );
  }
  const details = { from: organization.requiresMfa, to: enforced };
  const entry = { action: 'organization.enforce-mfa' as const, target: organization.slug, details };
  const by = byOf(ctx, { actor, organization }, entry);
  const to = { name: null, optInTags: null, requiresMfa: enforced };
  if (!(await ctx.deps.store.organizationChanges.update(organization.id, to, by))) throw changedMeanwhile();
}
