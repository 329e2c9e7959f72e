import { createRoute, z } from '@hono/zod-openapi';
import { roles } from '../../schema/roles.ts';
import { requireAccount } from '../access/require-account.ts';
import { changeEmail } from '../accounts/change-email.ts';
import { changeProfile } from '../accounts/change-profile.ts';
import { type OwnMembership, ownMemberships } from '../accounts/own-memberships.ts';
import type { Actor, Config } from '../deps.ts';
import { AppError } from '../errors.ts';
import { postBehind } from '../http/post-behind.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { studioPermissions } from './studio-permissions.ts';

/** Parts of Studio that nothing stands behind here, so that it does not offer them. */
const absentFeatures = [
  'billing:account_data',
  'billing:credits',
  'billing:invoices',
  'billing:payment_methods',
  'projects:transfer',
];

const profileWire = z.object({
  id: z.number().int(),
  auth0_id: z.string(),
  gotrue_id: z.string(),
  primary_email: z.string(),
  username: z.string(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  mobile: z.string().nullable(),
  is_alpha_user: z.boolean(),
  is_sso_user: z.boolean(),
  free_project_limit: z.number().nullable(),
  disabled_features: z.array(z.string()),
});

function toWire(actor: Actor): z.infer<typeof profileWire> {
  return {
    id: actor.number,
    auth0_id: '',
    gotrue_id: actor.accountId,
    primary_email: actor.email,
    username: actor.username,
    first_name: actor.firstName,
    last_name: actor.lastName,
    mobile: null,
    is_alpha_user: false,
    is_sso_user: false,
    free_project_limit: null,
    disabled_features: absentFeatures,
  };
}

/** Names as they are shown to others: one line, nothing that hides or turns text. */
const shownName = z
  .string()
  .max(100)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'must be one line of plain text');

const profileBody = z.object({
  first_name: shownName.optional(),
  last_name: shownName.optional(),
  username: shownName.optional(),
  primary_email: z.string().max(320).optional(),
});

const profile = createRoute({
  method: 'get',
  path: '/profile',
  responses: {
    200: { description: 'The account', content: { 'application/json': { schema: profileWire } } },
  },
});

const createProfile = createRoute({
  method: 'post',
  path: '/profile',
  responses: { 409: { description: 'Every account has a profile from the beginning' } },
});

const updateProfile = createRoute({
  method: 'patch',
  path: '/profile',
  request: { body: { required: true, content: { 'application/json': { schema: profileBody } } } },
  responses: {
    200: { description: 'The account as it is now', content: { 'application/json': { schema: profileWire } } },
  },
});

const updateEmail = createRoute({
  method: 'put',
  path: '/update-email',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({ newEmail: z.string().max(320), redirectTo: z.string().max(2048).optional() }),
        },
      },
    },
  },
  responses: { 200: { description: 'The new address is asked to confirm it' } },
});

const auditLogin = createRoute({
  method: 'post',
  path: '/profile/audit-login',
  responses: { 201: { description: 'Signing in was recorded, with the session itself' } },
});

const permissionWire = z.object({
  organization_id: z.number().int(),
  organization_slug: z.string(),
  actions: z.array(z.string()),
  resources: z.array(z.string()),
  condition: z.record(z.string(), z.unknown()).nullable(),
  project_ids: z.array(z.number().int()).nullable(),
  project_refs: z.array(z.string()).nullable(),
  restrictive: z.boolean(),
});

const permissions = createRoute({
  method: 'get',
  path: '/profile/permissions',
  responses: {
    200: {
      description: 'What the account may do in each of its organizations',
      content: { 'application/json': { schema: z.array(permissionWire) } },
    },
  },
});

/** The signed-in account as Studio sees it (`/platform/profile…`). */
export const profileRoutes = createRouter()
  .openapi(profile, async (c) => c.json(toWire(await requireAccount(ctxOf(c))), 200))
  .openapi(createProfile, async (c) => {
    await requireAccount(ctxOf(c));
    throw new AppError('conflict', 'The profile exists already');
  })
  .openapi(updateProfile, async (c) => {
    const { first_name, last_name, username, primary_email } = c.req.valid('json');
    const { actor, letters } = await changeProfile(ctxOf(c), {
      firstName: first_name,
      lastName: last_name,
      username,
      primaryEmail: primary_email,
    });
    await postBehind(c, letters);
    return c.json(toWire(actor), 200);
  })
  .openapi(updateEmail, async (c) => {
    const { newEmail, redirectTo } = c.req.valid('json');
    const ctx = ctxOf(c);
    const page = redirectTo ?? confirmedPage(ctx.deps.config);
    const { letters } = await changeEmail(ctx, { email: newEmail, redirectTo: page });
    await postBehind(c, letters);
    return c.body(null, 200);
  })
  .openapi(auditLogin, async (c) => {
    await requireAccount(ctxOf(c));
    return c.body(null, 201);
  })
  .openapi(permissions, async (c) => {
    const memberships = await ownMemberships(ctxOf(c));
    return c.json(memberships.flatMap(permissionsOf), 200);
  });

/**
 * Studio names no page for the link of the mail. The session it brings has shown no second factor: this one asks for it,
 * and goes on at once where there is none.
 */
function confirmedPage({ studioUrl }: Config): string | undefined {
  return studioUrl === null ? undefined : new URL('/sign-in-mfa?returnTo=%2Faccount%2Fme', studioUrl).href;
}

/** What a member may do in the organization, and what in those projects for which it has roles of its own. */
function permissionsOf(membership: OwnMembership): z.infer<typeof permissionWire>[] {
  const organization = {
    organization_id: membership.organizationId,
    organization_slug: membership.organizationSlug,
  };
  const everywhere = studioPermissions(membership.role).map((grant) => ({
    ...organization,
    ...grant,
    project_ids: null,
    project_refs: null,
  }));
  const inProjects = roles.flatMap(({ name }) => {
    const projects = membership.projectRoles.filter(({ role }) => role === name);
    if (projects.length === 0) return [];
    return studioPermissions(name).map((grant) => ({
      ...organization,
      ...grant,
      project_ids: projects.map(({ id }) => id),
      project_refs: projects.map(({ ref }) => ref),
    }));
  });
  return [...everywhere, ...inProjects];
}
