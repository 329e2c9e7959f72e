import { requireAccount } from '../access/require-account.ts';
import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { newLetters } from '../projects/new-letters.ts';
import type { Organization } from './list.ts';

/** Creates an organization with the actor as its Owner. */
export async function createOrganization(ctx: Ctx, input: { name: string }): Promise<Organization> {
  const { clock, random, store } = ctx.deps;
  const actor = await requireAccount(ctx);
  if (actor.isLimited || actor.permissions?.includes('organizations_create') === false) {
    throw new AppError('forbidden', 'This access token is limited: it makes no organizations');
  }
  const slug = newLetters(random);
  const at = clock.now();
  const { name } = input;
  const id = await store.organizations.create({ slug, name, at }, { actor, request: ctx.request });
  return { id, slug, name, createdAt: at, requiresMfa: false, optInTags: '[]', role: 'Owner' };
}
