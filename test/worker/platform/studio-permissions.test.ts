import { describe, expect, test } from 'vitest';
import { actions, type Role, roles } from '../../../schema/roles.ts';
import { studioPermissions } from '../../../worker/platform/studio-permissions.ts';
import { can } from '../../../worker/policy.ts';

/** Studio's reading of the rows: `%` stands for anything. */
function allows(role: Role, action: string, resource: string): boolean {
  const matches = (pattern: string, text: string) =>
    new RegExp(
      `^${pattern
        .split('%')
        .map((part) => part.replaceAll(/[.*]/g, '\\$&'))
        .join('.*')}$`,
    ).test(text);
  return studioPermissions(role).some(
    (row) =>
      row.actions.some((pattern) => matches(pattern, action)) &&
      row.resources.some((pattern) => matches(pattern, resource)),
  );
}

const whoMay = (action: string, resource: string) =>
  roles.map(({ name }) => name).filter((role) => allows(role, action, resource));
const everyone = ['Owner', 'Administrator', 'Developer', 'Read-only'];
const writers = ['Owner', 'Administrator', 'Developer'];
const administrators = ['Owner', 'Administrator'];

describe('what Studio is told that a role may do', () => {
  // Studio's own questions, and the action of ours that the server asks for the same thing
  test.each([
    ['read:Read', 'organizations', 'organization:read', everyone],
    ['write:Update', 'organizations', 'organization:update', administrators],
    ['write:Delete', 'organizations', 'organization:delete', ['Owner']],
    ['write:Create', 'user_invites', 'members:manage', administrators],
    ['write:Delete', 'auth.subject_roles', 'members:manage', administrators],
    ['read:Read', 'notifications', 'audit:read', administrators],
    ['read:Read', 'service_api_keys', 'projects:read', everyone],
    ['read:Read', 'custom_config_gotrue', 'projects:read', everyone],
    ['analytics:Read', 'logflare', 'projects:read', everyone],
    ['write:Create', 'projects', 'projects:create', administrators],
    ['write:Update', 'projects', 'projects:update', administrators],
    ['write:Update', 'custom_config_postgrest', 'projects:update', administrators],
    ['infra:Execute', 'queue_jobs.projects.pause', 'projects:power', administrators],
    ['infra:Execute', 'queue_jobs.projects.initialize_or_resume', 'projects:power', administrators],
    ['infra:Execute', 'reboot', 'projects:power', administrators],
    ['write:Delete', 'projects', 'projects:delete', administrators],
    ['read:Read', 'field.jwt_secret', 'secrets:read', writers],
    ['secrets:Read', '*', 'secrets:read', writers],
    ['secrets:Write', '*', 'secrets:manage', administrators],
    ['infra:Execute', 'queue_job.projects.update_jwt', 'secrets:manage', administrators],
    ['tenant:Sql:Admin:Read', 'tables', 'sql:read', everyone],
    ['tenant:Sql:Admin:Write', 'tables', 'sql:write', writers],
    ['tenant:Sql:Query', '*', 'sql:write', writers],
    ['tenant:Sql:Write:Delete', 'auth.users', 'sql:write', writers],
    ['auth:Execute', 'create_user', 'sql:write', writers],
    ['storage:Write', '*', 'sql:write', writers],
    ['functions:Write', '*', 'sql:write', writers],
    ['write:Create', 'user_content', 'sql:write', writers],
  ] as const)('%s on %s is offered to those the server allows %s', (action, resource, ours, expected) => {
    expect(whoMay(action, resource)).toEqual(expected);
    expect(whoMay(action, resource)).toEqual(roles.map(({ name }) => name).filter((role) => can(role, ours)));
  });

  test('is everything for whoever the policy allows everything, and only then', () => {
    for (const { name } of roles) {
      const everything = actions.every((action) => can(name, action));
      expect([name, allows(name, 'anything:New', 'of.tomorrow')]).toEqual([name, everything]);
    }
  });

  test('is no write at all for Read-only', () => {
    const granted = studioPermissions('Read-only').flatMap((row) => row.actions);
    expect(granted.filter((action) => !/:Read$|:Select$/.test(action))).toEqual([]);
  });
});
