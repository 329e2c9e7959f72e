import type { ProjectStatus } from '../../schema/project-status.ts';
import type { StackProfile } from '../../schema/stack-profiles.ts';
import type { PageInput } from './paging.ts';

/** Times are ISO 8601, here and below. */
export type Project = {
  ref: string;
  name: string;
  /** slug */
  organization: string;
  status: ProjectStatus;
  /** why it is not up, for people; null when there is nothing to say */
  statusReason: string | null;
  region: string;
  /** compute size, in Supabase's names */
  size: string;
  /** of the stack: which images it is made of */
  release: string;
  /** which services it has */
  profile: StackProfile;
  /** major version */
  postgresVersion: string;
  /** where its gateway answers */
  url: string;
  /** where its Postgres is reached */
  database: { host: string; port: number };
  /** what somebody changed by hand on the host, as last reported; it is being put right */
  drift: string[];
  createdAt: string;
};

export type CreatedProject = Project & {
  /** the password that was made because none was given; shown here only */
  generatedDatabasePassword: string | null;
};

export type CreateProject = {
  organization: string;
  name: string;
  region?: string | undefined;
  size?: string | undefined;
  /** `minimal`, `standard` (when left out) or `full`; a host without containers runs what it can */
  profile?: string | undefined;
  /** the newest when left out */
  release?: string | undefined;
  databasePassword?: string | undefined;
};

/** What a project's agent gets: the rest of it is between the control plane and its agents. */
export type ProjectSpec = {
  ref: string;
  generation: number;
  /** `withheld`: its secrets do not open just now, so its stack is left as it is */
  power: 'running' | 'paused' | 'removed' | 'withheld';
  [member: string]: unknown;
};

export type ListProjects = PageInput & {
  /** slug; without it: projects of all organizations of the caller */
  organization?: string | undefined;
  /** part of a name or ref */
  search?: string | undefined;
};

export type ApiKey = {
  /** null for the two legacy keys */
  id: string | null;
  name: string;
  type: 'legacy' | 'publishable' | 'secret';
  role: 'anon' | 'service_role';
  description: string;
  /** null: not revealed */
  key: string | null;
};
