import { audit } from './audit.ts';
import { hosts } from './hosts.ts';
import { invitations } from './invitations.ts';
import { members } from './members.ts';
import { organizations } from './organizations.ts';
import { projects } from './projects.ts';
import { system } from './system.ts';
import { tokens } from './tokens.ts';
import { router } from './trpc.ts';
import { users } from './users.ts';

/** Every procedure. What clients see of it is `Api` in client/contract.ts. */
export const adminRouter = router({
  audit,
  hosts,
  invitations,
  members,
  organizations,
  projects,
  system,
  tokens,
  users,
});
export type AdminRouter = typeof adminRouter;
