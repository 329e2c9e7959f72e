import { z } from 'zod';
import { storedPermissions } from '../../schema/token-permissions.ts';
import type { AccessTokenRow } from '../store/access-tokens.ts';

/** A personal access token as it is told: everything but itself. */
export type AccessToken = Omit<AccessTokenRow, 'permissions' | 'isLimited' | 'organizationSlugs' | 'projectRefs'> & {
  /** null: all that its owner may */
  permissions: readonly string[] | null;
  /** what it reaches; both empty: all that its owner does */
  organizationSlugs: string[];
  projectRefs: string[];
};

const texts = z.array(z.string());

/** A token as its row has it. */
export function accessTokenOf({ isLimited: _, ...row }: AccessTokenRow): AccessToken {
  return {
    ...row,
    permissions: row.permissions === null ? null : storedPermissions(row.permissions),
    organizationSlugs: texts.parse(JSON.parse(row.organizationSlugs)),
    projectRefs: texts.parse(JSON.parse(row.projectRefs)),
  };
}

/** Whether anything narrows it: what Studio calls a scoped token. */
export function isScoped({ permissions, organizationSlugs, projectRefs }: AccessToken): boolean {
  return permissions !== null || organizationSlugs.length > 0 || projectRefs.length > 0;
}
