import type { Action, Standing } from '../schema/roles.ts';
import type { Actor } from './deps.ts';
import { AppError, type Refusal } from './errors.ts';
import { tokenAllows } from './token-permissions.ts';

const members = ['Owner', 'Administrator', 'Developer', 'Read-only', 'Project-scoped'] as const;
const everyone = ['Owner', 'Administrator', 'Developer', 'Read-only'] as const;
const writers = ['Owner', 'Administrator', 'Developer'] as const;
const administrators = ['Owner', 'Administrator'] as const;

/**
 * Who may do what within an organization. Studio's permissions page is rendered from it. `Project-scoped` members may
 * see that there is an organization, who is in it, and the projects they have a role in; what they may do there is that
 * role's.
 */
export const policy = {
  'organization:read': members,
  'organization:update': administrators,
  'organization:delete': ['Owner'],
  'organization:enforce-mfa': ['Owner'],
  'members:read': members,
  'members:manage': administrators,
  'owners:manage': ['Owner'],
  'audit:read': administrators,
  'projects:read': members,
  'projects:create': administrators,
  'projects:update': administrators,
  'projects:power': administrators,
  'projects:delete': administrators,
  'secrets:read': writers,
  'secrets:manage': administrators,
  'sql:read': everyone,
  'sql:write': writers,
} as const satisfies Record<Action, readonly Standing[]>;

/** Whether a role may do it. */
export function can(role: Standing, action: Action): boolean {
  const allowed: readonly Standing[] = policy[action];
  return allowed.includes(role);
}

/** What decides about an actor in an organization, or in one of its projects. */
export type Place = { role: Standing; requiresMfa: boolean };

type Authorized = Pick<Actor, 'credential' | 'aal' | 'hasFactor' | 'permissions'>;

/** A project, or an organization as a whole, by which the audit log names it. */
type Named = { organizationId: number; ref: string } | { id: number; slug: string };

/** Whether `authorize` would let it pass. */
export function may(actor: Authorized, place: Place, action: Action): boolean {
  return isFactorShown(actor, place) && can(place.role, action) && isWithinToken(actor, action);
}

/**
 * Refuses with `forbidden` what the role or the access token does not allow, and with `insufficient_aal` who has not
 * shown the second factor that the organization wants.
 */
export function authorize(actor: Authorized & Pick<Actor, 'accountId'>, place: Place & Named, action: Action): void {
  if (may(actor, place, action)) return;
  const refusal = refusalOf(actor, place, action);
  if (!isFactorShown(actor, place)) {
    throw new AppError(
      'insufficient_aal',
      'This organization lets in members with multi-factor authentication only: enable it for your account first',
      { refusal },
    );
  }
  if (!can(place.role, action)) {
    throw new AppError(
      'forbidden',
      `Your role in this organization (${place.role}) does not allow this action (${action})`,
      { refusal },
    );
  }
  throw new AppError('forbidden', `The permissions of this access token do not allow this action (${action})`, {
    refusal,
  });
}

function refusalOf(actor: Pick<Actor, 'accountId' | 'credential'>, place: Named, action: Action): Refusal {
  const [organizationId, target] = 'ref' in place ? [place.organizationId, place.ref] : [place.id, place.slug];
  return {
    action: 'access.refused',
    organizationId,
    actor: { kind: 'account', id: actor.accountId, credential: actor.credential },
    target,
    details: { asked: action },
  };
}

/** Refuses with `forbidden` what the access token does not allow, for what is asked of no one organization. */
export function authorizeToken(actor: Pick<Actor, 'permissions'>, action: Action): void {
  if (isWithinToken(actor, action)) return;
  throw new AppError('forbidden', `The permissions of this access token do not allow this action (${action})`);
}

/** Personal access tokens show none: making one took a session that did, where the account has a factor. */
function isFactorShown(actor: Authorized, place: Place): boolean {
  return !place.requiresMfa || (actor.credential === 'token' ? actor.hasFactor : actor.aal === 'aal2');
}

function isWithinToken(actor: Pick<Actor, 'permissions'>, action: Action): boolean {
  return actor.permissions === null || tokenAllows(actor.permissions, action);
}
