import type { ProjectStatus } from '../schema/project-status.ts';
import type { Role, Standing } from '../schema/roles.ts';
import type { StackProfile } from '../schema/stack-profiles.ts';
import type { TokenPermission } from '../schema/token-permissions.ts';

/** What `cursor` takes is the `nextCursor` of the page before; null: that was the last. */
export type PageInput = { limit?: number | undefined; cursor?: string | undefined };
export type Page<Item> = { items: Item[]; nextCursor: string | null };

/** `role` is that of the caller. */
export type Organization = { slug: string; name: string; role: Standing };

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
type GivenRole = { role: Role; projects?: string[] | undefined };

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

export type Host = {
  id: string;
  name: string;
  region: string;
  /** `waiting`: enrolled, not heard of yet; `lost`: silent, so the state of its projects is unknown */
  state: 'reporting' | 'waiting' | 'lost' | 'revoked';
  /** gets no new projects */
  cordoned: boolean;
  runtime: 'embedded' | 'compose';
  agentVersion: string;
  projectHost: string;
  frontDoor: { host: string; port: number } | null;
  ports: { first: number; last: number };
  projectCount: number;
  /** refs of stacks found there that are no projects of this host; never touched */
  strangers: string[];
  enrolledAt: string;
  reportedAt: string | null;
  revokedAt: string | null;
};

export type User = {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  isOperator: boolean;
  createdAt: string;
  /** null: nobody proved yet that the address is theirs */
  emailConfirmedAt: string | null;
  lastSignInAt: string | null;
  disabledAt: string | null;
};

/** A user who was mailed a link; `link`: null when it was sent, otherwise what to pass on. */
export type MailedUser = { user: User; mail: 'sent' | 'failed' | 'not-configured'; link: string | null };

export type InviteUser = { email: string; isOperator?: boolean | undefined };

export type CreateUser = {
  email: string;
  password: string;
  firstName?: string | undefined;
  lastName?: string | undefined;
  isOperator?: boolean | undefined;
};

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

export type AuditEntry = {
  id: number;
  at: string;
  /** `email`: of an account that is still there */
  actor: { kind: 'account' | 'host' | 'system'; id: string; email: string | null };
  action: string;
  /** what it was done to: a ref, a slug, an id */
  target: string;
  requestId: string;
  address: string | null;
  /** method and path of the request, as they are described */
  route: string | null;
  /** how the account proved who it is */
  credential: 'session' | 'token' | null;
  details: Record<string, string | number | boolean | null>;
  /** in the organization's chain; null: from before there was one */
  sequence: number | null;
  hash: string | null;
};

/** What does not narrow it down is left out; times are ISO 8601 and included. */
export type ListAudit = PageInput & {
  organization: string;
  /** an account's address, or the id of an account or host */
  actor?: string | undefined;
  action?: string | undefined;
  /** ref */
  project?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
};

/** Where an organization's chain of audit entries ends. */
export type AuditHead = { sequence: number; hash: string };

export type VerifyAudit = {
  organization: string;
  /** `nextCursor` of the call before */
  cursor?: string | undefined;
  /** a head that was kept somewhere else and has to be in the chain */
  head?: AuditHead | undefined;
};

/** One call looks at a part of the chain; all of it was looked at when `nextCursor` is null. */
export type AuditVerdict = {
  intact: boolean;
  /** how many were looked at */
  entries: number;
  head: AuditHead | null;
  /** the last one that retention removed; 0: none */
  removedUpTo: number;
  /** the first entry that is not as it was written */
  fault: { sequence: number; what: string } | null;
  nextCursor: string | null;
};

export type SystemInfo = {
  version: string;
  agentProtocol: number;
  /** the answer itself proves it: it was read from there */
  database: 'reachable';
  now: string;
};

export type Query<Input, Output> = { type: 'query'; input: Input; output: Output };
export type Mutation<Input, Output> = { type: 'mutation'; input: Input; output: Output };

type Ref = { ref: string };
type Id = { id: string };

/** Every procedure, by router. The worker's router is checked against it. */
export type Api = {
  organizations: {
    list: Query<PageInput | undefined, Page<Organization>>;
    get: Query<{ slug: string }, Organization>;
    create: Mutation<{ name: string }, Organization>;
    rename: Mutation<{ slug: string; name: string }, Organization>;
    /** refused while it has projects */
    delete: Mutation<{ slug: string }, Record<never, never>>;
    leave: Mutation<{ slug: string }, Record<never, never>>;
    /** makes another member (by id or address) an Owner, and the caller an Administrator */
    transfer: Mutation<{ slug: string; to: string }, Member>;
    /** lets in members with a second factor only; takes a caller who has shown theirs */
    enforceMfa: Mutation<{ slug: string; enforced: boolean }, { enforced: boolean }>;
  };
  /** `member` is an id or an address */
  members: {
    list: Query<PageInput & { organization: string }, Page<Member>>;
    invite: Mutation<{ organization: string; email: string } & GivenRole, InvitedMember>;
    setRole: Mutation<{ organization: string; member: string } & GivenRole, Member>;
    remove: Mutation<{ organization: string; member: string }, Record<never, never>>;
  };
  invitations: {
    list: Query<PageInput & { organization: string }, Page<Invitation>>;
    revoke: Mutation<{ organization: string; id: number }, Record<never, never>>;
  };
  projects: {
    list: Query<ListProjects | undefined, Page<Project> & { count: number }>;
    get: Query<Ref, Project>;
    create: Mutation<CreateProject, CreatedProject>;
    rename: Mutation<Ref & { name: string }, Project>;
    pause: Mutation<Ref, Project>;
    restore: Mutation<Ref, Project>;
    restart: Mutation<Ref, Project>;
    remove: Mutation<Ref, Project>;
    resize: Mutation<Ref & { size: string }, Project>;
    /** to a later release with the same major version of Postgres; the newest when left out */
    upgrade: Mutation<Ref & { release?: string | undefined }, Project>;
    setProfile: Mutation<Ref & { profile: string }, Project>;
    /** for operators: what the project's agent gets, secrets replaced by placeholders unless `showSecrets` */
    spec: Mutation<Ref & { showSecrets?: boolean | undefined }, ProjectSpec>;
    apiKeys: Query<Ref & { reveal?: boolean | undefined }, ApiKey[]>;
  };
  hosts: {
    list: Query<PageInput | undefined, Page<Host>>;
    get: Query<Id, Host>;
    createEnrolmentToken: Mutation<undefined, { token: string; expiresAt: string }>;
    revoke: Mutation<Id, Host>;
    cordon: Mutation<Id, Host>;
    uncordon: Mutation<Id, Host>;
  };
  /** `create` and `revoke` take an account that is signed in by its password: a token makes no further ones. */
  tokens: {
    list: Query<undefined, AccessToken[]>;
    create: Mutation<CreateAccessToken, CreatedAccessToken>;
    revoke: Mutation<{ id: number }, AccessToken>;
  };
  users: {
    me: Query<undefined, User>;
    list: Query<PageInput | undefined, Page<User>>;
    create: Mutation<CreateUser, User>;
    invite: Mutation<InviteUser, MailedUser>;
    reset: Mutation<{ idOrEmail: string }, MailedUser>;
    disable: Mutation<Id, User>;
    enable: Mutation<Id, User>;
    /** takes all second factors away and ends the sessions, for somebody who lost theirs */
    resetMfa: Mutation<Id, User>;
  };
  audit: {
    list: Query<ListAudit, Page<AuditEntry>>;
    head: Query<{ organization: string }, AuditHead | null>;
    verify: Query<VerifyAudit, AuditVerdict>;
  };
  system: {
    info: Query<undefined, SystemInfo>;
  };
};
