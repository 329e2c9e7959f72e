import type { Action } from '../schema/roles.ts';
import type { TokenPermission } from '../schema/token-permissions.ts';

/**
 * Which permissions of an access token allow each action; one of them is enough. A permission that covers only a part of
 * what an action is does not allow it: a token never does more than its permissions say.
 */
export const permissionsFor = {
  'organization:read': ['organizations_read', 'organization_admin_read', 'organization_admin_write'],
  'organization:update': ['organization_admin_write'],
  'organization:delete': ['organization_admin_write'],
  'organization:enforce-mfa': ['organization_admin_write'],
  'members:read': ['members_read', 'members_write'],
  'members:manage': ['members_write'],
  'owners:manage': ['members_write'],
  'audit:read': ['organization_admin_read', 'organization_admin_write'],
  'projects:read': ['projects_read', 'organization_projects_read', 'project_admin_read', 'project_admin_write'],
  'projects:create': ['organization_projects_create'],
  'projects:update': ['project_admin_write'],
  'projects:power': ['project_admin_write'],
  'projects:delete': ['project_admin_write'],
  'secrets:read': ['api_gateway_keys_read', 'api_gateway_keys_write'],
  'secrets:manage': ['api_gateway_keys_write'],
  'sql:read': ['database_read', 'database_write'],
  'sql:write': ['database_write'],
} as const satisfies Record<Action, readonly TokenPermission[]>;

/** Whether a token with these permissions may do it, when its owner may. */
export function tokenAllows(permissions: readonly string[], action: Action): boolean {
  return permissionsFor[action].some((permission) => permissions.includes(permission));
}
