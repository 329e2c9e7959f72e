import { z } from 'zod';
import { type Role, roleName, type Standing } from '../../schema/roles.ts';
import type { Ctx } from '../deps.ts';

export type OwnMembership = {
  organizationId: number;
  organizationSlug: string;
  role: Standing;
  /** of project-scoped members; no other has any */
  projectRoles: { ref: string; id: number; role: Role }[];
};

const storedRoles = z.array(z.object({ ref: z.string(), id: z.number(), role: roleName }));

/** The actor's organizations and its roles in each. Errors: `unauthenticated`. */
export async function ownMemberships(ctx: Ctx): Promise<OwnMembership[]> {
  const { memberships } = await ctx.deps.store.accounts.ownMemberships(ctx.credential, ctx.deps.clock.now());
  return memberships.map((row) => ({ ...row, projectRoles: storedRoles.parse(JSON.parse(row.projectRoles)) }));
}
