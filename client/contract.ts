import type { AuditEntry, AuditHead, AuditVerdict, ListAudit, VerifyAudit } from './contract/audit.ts';
import type { Host } from './contract/hosts.ts';
import type { GivenRole, Invitation, InvitedMember, Member } from './contract/members.ts';
import type { Organization } from './contract/organizations.ts';
import type { Page, PageInput } from './contract/paging.ts';
import type { ApiKey, CreatedProject, CreateProject, ListProjects, Project, ProjectSpec } from './contract/projects.ts';
import type { SystemInfo } from './contract/system.ts';
import type { AccessToken, CreateAccessToken, CreatedAccessToken } from './contract/tokens.ts';
import type { CreateUser, InviteUser, MailedUser, User } from './contract/users.ts';

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
