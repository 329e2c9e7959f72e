import { z } from '@hono/zod-openapi';
import { type Role, roles } from '../../../schema/roles.ts';

// how clients say which role they give, and where

/** A role by the id it has in a whole organization. */
export const baseRoleId = z.int().min(1).max(roles.length);

/** Refs of the projects a role is given in; left out: the whole organization. */
export const scopedProjects = z.array(z.string().max(64)).max(1000);

/** The role behind an id that `baseRoleId` let through. */
export function baseRole(id: number): Role {
  const known = roles.find((role) => role.id === id);
  if (known === undefined) throw new Error(`there is no role with the id ${id}`);
  return known.name;
}
