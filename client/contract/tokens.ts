import type { TokenPermission } from '../../schema/token-permissions.ts';

/** A personal access token (`sbp_…`) of the caller's. */
export type AccessToken = {
  id: number;
  name: string;
  /** its first and last characters */
  alias: string;
  createdAt: string;
  /** null: never */
  expiresAt: string | null;
  /** to about ten minutes; null: not yet */
  lastUsedAt: string | null;
  /** slugs and refs of what it reaches; both empty: all that its owner does */
  organizations: string[];
  projects: string[];
  /** null: all that its owner may */
  permissions: string[] | null;
};

export type CreateAccessToken = {
  name: string;
  expiresAt?: string | null | undefined;
  /** slugs; with these or `projects` it reaches nothing else */
  organizations?: string[] | undefined;
  /** refs */
  projects?: string[] | undefined;
  /** what it is limited to of what its owner may; all when left out */
  permissions?: TokenPermission[] | undefined;
};

/** `token` is told this once. */
export type CreatedAccessToken = AccessToken & { token: string };
