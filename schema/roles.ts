import { z } from 'zod';

/** Roles of an organization, with the numeric ids Studio shows; ids are stable and part of the API. */
export const roles = [
  { id: 1, name: 'Owner' },
  { id: 2, name: 'Administrator' },
  { id: 3, name: 'Developer' },
  { id: 4, name: 'Read-only' },
] as const;
export type Role = (typeof roles)[number]['name'];
export const roleName = z.enum(['Owner', 'Administrator', 'Developer', 'Read-only']);

/**
 * What a member is in an organization as a whole: a role that holds for all projects, or a member whose roles are those
 * given for single projects.
 */
export const standings = ['Owner', 'Administrator', 'Developer', 'Read-only', 'Project-scoped'] as const;
export type Standing = (typeof standings)[number];

/** What an actor may do, in Studio's vocabulary where it has a word; `worker/policy.ts` says who may. */
export const actions = [
  'organization:read',
  'organization:update',
  'organization:delete',
  'organization:enforce-mfa',
  'members:read',
  'members:manage',
  'owners:manage',
  'audit:read',
  'projects:read',
  'projects:create',
  'projects:update',
  'projects:power',
  'projects:delete',
  'secrets:read',
  'secrets:manage',
  'sql:read',
  'sql:write',
] as const;
export type Action = (typeof actions)[number];
