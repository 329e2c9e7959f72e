import { type Action, actions, type Standing } from '../../schema/roles.ts';
import { can } from '../policy.ts';

/** What Studio is told that a role may do, in its words; `%` stands for anything. */
export type Grant = {
  actions: string[];
  resources: string[];
  /** JSON logic over what Studio asks about; null: always */
  condition: Condition | null;
  restrictive: boolean;
};
type Condition = { '!=': [{ '%': [{ var: string }, number] }, number] };

type Words = { actions: string[]; resources: string[]; condition?: Condition };

/**
 * Studio says which role it is about to give or take; Owners are made and unmade by Owners, who may do anything. The
 * ids of roles in projects end with the digit of their base role (schema/role-ids.ts).
 */
const anyButOwner: Condition = { '!=': [{ '%': [{ var: 'resource.role_id' }, 10] }, 1] };

/** Our actions in Studio's vocabulary. The only place where the two meet. */
const vocabulary = {
  'organization:read': [
    { actions: ['read:Read'], resources: ['organizations', 'approved_oauth_apps', 'oauth_apps', 'integrations.%'] },
    { actions: ['billing:Read'], resources: ['%'] },
  ],
  'organization:update': [
    { actions: ['write:Update'], resources: ['organizations'] },
    { actions: ['write:%'], resources: ['approved_oauth_apps', 'oauth_apps', 'integrations.%'] },
    { actions: ['billing:Write'], resources: ['%'] },
  ],
  'organization:delete': [{ actions: ['write:Delete'], resources: ['organizations'] }],
  // Studio asks no question of its own before it shows that switch
  'organization:enforce-mfa': [],
  'members:read': [
    { actions: ['read:Read'], resources: ['members', 'users', 'user_invites', 'auth.subject_roles', 'auth.roles'] },
  ],
  'members:manage': [
    { actions: ['write:%'], resources: ['user_invites', 'auth.subject_roles'], condition: anyButOwner },
  ],
  'owners:manage': [],
  // what Studio asks before it shows the audit log
  'audit:read': [{ actions: ['read:Read'], resources: ['notifications'] }],
  'projects:read': [
    {
      actions: ['read:Read'],
      resources: [
        'projects',
        'preview_branches',
        'service_api_keys',
        'auth_signing_keys',
        'custom_config_gotrue',
        'custom_config_postgrest',
        'back_ups',
        'physical_backups',
        'user_content',
        'user_content_folders',
      ],
    },
    {
      actions: [
        'analytics:Read',
        'analytics:Admin:Read',
        'functions:Read',
        'storage:Read',
        'storage:Admin:Read',
        'realtime:Admin:Read',
        'replication:Admin:Read',
      ],
      resources: ['%'],
    },
  ],
  'projects:create': [{ actions: ['write:Create'], resources: ['projects'] }],
  'projects:update': [
    { actions: ['write:Update'], resources: ['projects', 'custom_config_gotrue', 'custom_config_postgrest'] },
    { actions: ['write:%'], resources: ['preview_branches'] },
    { actions: ['analytics:Admin:Write', 'realtime:Admin:Write', 'replication:Admin:Write'], resources: ['%'] },
    { actions: ['infra:Execute'], resources: ['queue_job.restore.prepare', 'queue_job.walg.prepare_restore'] },
  ],
  'projects:power': [
    {
      actions: ['infra:Execute'],
      resources: ['queue_jobs.projects.pause', 'queue_jobs.projects.initialize_or_resume', 'reboot'],
    },
  ],
  'projects:delete': [{ actions: ['write:Delete'], resources: ['projects'] }],
  'secrets:read': [
    { actions: ['read:Read'], resources: ['field.jwt_secret', 'service_api_keys.service_role_key'] },
    { actions: ['secrets:Read', 'functions:Secret:Read'], resources: ['%'] },
  ],
  'secrets:manage': [
    { actions: ['secrets:Write', 'functions:Secret:Write'], resources: ['%'] },
    { actions: ['write:%'], resources: ['service_api_keys', 'auth_signing_keys'] },
    { actions: ['infra:Execute'], resources: ['queue_job.projects.update_jwt'] },
  ],
  'sql:read': [{ actions: ['tenant:Sql:Admin:Read', 'tenant:Sql:Read:Select'], resources: ['%'] }],
  // whoever may run any SQL may change the data of every service, which is in the database
  'sql:write': [
    {
      actions: [
        'tenant:Sql:Admin:Write',
        'tenant:Sql:CreateTable',
        'tenant:Sql:Query',
        'tenant:Sql:Write:%',
        'functions:Write',
        'storage:Write',
        'storage:Admin:Write',
        'auth:Execute',
      ],
      resources: ['%'],
    },
    { actions: ['write:%'], resources: ['user_content', 'user_content_folders'] },
  ],
} satisfies Record<Action, Words[]>;

/** The grants of a role, from the policy table: one row per set of resources. */
export function studioPermissions(role: Standing): Grant[] {
  const allowed = actions.filter((action) => can(role, action));
  if (allowed.length === actions.length)
    return [{ actions: ['%'], resources: ['%'], condition: null, restrictive: false }];
  const rows = new Map<string, Grant>();
  for (const words of allowed.flatMap((action): Words[] => vocabulary[action])) {
    const key = words.resources.join();
    const row = rows.get(key);
    if (row === undefined)
      rows.set(key, { condition: null, ...words, actions: [...words.actions], restrictive: false });
    else row.actions.push(...words.actions);
  }
  return [...rows.values()];
}
