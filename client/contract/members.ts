import type { Role, Standing } from '../../schema/roles.ts';

export type Member = {
  id: string;
  email: string;
  username: string;
  /** `Project-scoped`: what it may do is in `projectRoles` */
  role: Standing;
  projectRoles: { ref: string; role: Role }[];
  hasSecondFactor: boolean;
};

/** A role in a whole organization, or in the projects with these refs. */
export type GivenRole = { role: Role; projects?: string[] | undefined };

export type Invitation = {
  id: number;
  email: string;
  role: Role;
  /** refs; none: the whole organization */
  projects: string[];
  invitedAt: string;
  expiresAt: string;
};

/** `link` is told where no mail went out; null: it was mailed */
export type InvitedMember = Invitation & { link: string | null };
