import type { Action, Role } from '../schema/roles.ts';
import { AppError } from './errors.ts';

const everyone = ['Owner', 'Administrator', 'Developer', 'Read-only'] as const;
const writers = ['Owner', 'Administrator', 'Developer'] as const;
const administrators = ['Owner', 'Administrator'] as const;

/** Who may do what within an organization. Studio's permissions page is rendered from it. */
export const policy = {
  'organization:read': everyone,
  'organization:update': administrators,
  'organization:delete': ['Owner'],
  'members:read': everyone,
  'members:manage': administrators,
  'audit:read': administrators,
  'projects:read': everyone,
  'projects:create': administrators,
  'projects:update': administrators,
  'projects:power': administrators,
  'projects:delete': administrators,
  'secrets:read': writers,
  'secrets:manage': administrators,
  'sql:read': everyone,
  'sql:write': writers,
} as const satisfies Record<Action, readonly Role[]>;

/** Whether a role may do it. */
export function can(role: Role, action: Action): boolean {
  const allowed: readonly Role[] = policy[action];
  return allowed.includes(role);
}

/** Refuses with `forbidden` what the role may not do. */
export function authorize(role: Role, action: Action): void {
  if (!can(role, action)) {
    throw new AppError('forbidden', `Your role in this organization (${role}) does not allow this action (${action})`);
  }
}
