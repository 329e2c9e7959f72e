import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../errors.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { baseRole, baseRoleId, scopedProjects } from '../http/wire/given-roles.ts';
import { listWindow, slugParams } from '../http/wire/params.ts';
import { acceptInvitation } from '../organizations/accept-invitation.ts';
import { endInvitation } from '../organizations/end-invitation.ts';
import { type Invitation, roleIdOfInvitation } from '../organizations/invitation.ts';
import { invite } from '../organizations/invite.ts';
import { listInvitations } from '../organizations/list-invitations.ts';
import { type Look, lookAtInvitation } from '../organizations/look-at-invitation.ts';
import { isoTime } from '../projects/iso-time.ts';

const invitationWire = z.object({
  id: z.number(),
  invited_at: z.string(),
  invited_email: z.string(),
  role_id: z.number(),
});

const list = createRoute({
  method: 'get',
  path: '/organizations/{slug}/members/invitations',
  request: { params: slugParams, query: listWindow(1000) },
  responses: { 200: answer(z.object({ invitations: z.array(invitationWire) }), 'Invitations nobody answered yet') },
});

const email = z.string().max(320);
/** Newer Studios send several addresses at once. */
const inviteBody = z.object({
  email: email.optional(),
  emails: z.array(email).min(1).max(50).optional(),
  role_id: baseRoleId,
  role_scoped_projects: scopedProjects.min(1).optional(),
  require_sso: z.boolean().optional(),
});

const create = createRoute({
  method: 'post',
  path: '/organizations/{slug}/members/invitations',
  request: { params: slugParams, body: { required: true, content: { 'application/json': { schema: inviteBody } } } },
  responses: { 201: { description: 'They are invited; the links went out by mail, or are in the log' } },
});

const byToken = slugParams.extend({ token: z.string().max(200) });
const lookWire = z.object({
  authorized_user: z.boolean(),
  email_match: z.boolean(),
  expired_token: z.boolean(),
  organization_name: z.string(),
  sso_mismatch: z.boolean(),
  token_does_not_exist: z.boolean(),
  invite_id: z.number().optional(),
});

const look = createRoute({
  method: 'get',
  path: '/organizations/{slug}/members/invitations/{token}',
  request: { params: byToken },
  responses: { 200: answer(lookWire, 'What the link is worth to the account that asks') },
});

const accept = createRoute({
  method: 'post',
  path: '/organizations/{slug}/members/invitations/{token}',
  request: { params: byToken },
  responses: { 201: { description: 'The account is a member' } },
});

const end = createRoute({
  method: 'delete',
  path: '/organizations/{slug}/members/invitations/{id}',
  request: { params: slugParams.extend({ id: z.coerce.number().int().positive() }) },
  responses: { 200: { description: 'Revoked, or declined by whom it was for' } },
});

/** Invitations to an organization (`/platform/organizations/{slug}/members/invitations`). */
export const invitations = createRouter()
  .openapi(list, async (c) => {
    const { slug } = c.req.valid('param');
    const found = await listInvitations(ctxOf(c), { slug, ...c.req.valid('query') });
    return c.json({ invitations: found.map(toWire) }, 200);
  })
  .openapi(create, async (c) => {
    const body = c.req.valid('json');
    const emails = body.emails ?? (body.email === undefined ? [] : [body.email]);
    if (emails.length === 0) throw new AppError('invalid_input', 'email: must not be left out');
    if (body.require_sso === true) {
      throw new AppError('invalid_input', 'require_sso: there is no single sign-on for organizations here');
    }
    const { slug } = c.req.valid('param');
    const refs = body.role_scoped_projects ?? [];
    await invite(ctxOf(c), { slug, emails, role: baseRole(body.role_id), refs });
    return c.body(null, 201);
  })
  .openapi(look, async (c) => c.json(lookToWire(await lookAtInvitation(ctxOf(c), c.req.valid('param'))), 200))
  .openapi(accept, async (c) => {
    await acceptInvitation(ctxOf(c), c.req.valid('param'));
    return c.body(null, 201);
  })
  .openapi(end, async (c) => {
    await endInvitation(ctxOf(c), c.req.valid('param'));
    return c.body(null, 200);
  });

function toWire(invitation: Invitation): z.infer<typeof invitationWire> {
  return {
    id: invitation.id,
    invited_at: isoTime(invitation.createdAt),
    invited_email: invitation.email,
    role_id: roleIdOfInvitation(invitation),
  };
}

/** Studio looks at the address first: a link that is worth nothing any more must not send people to other accounts. */
function lookToWire(look: Look): z.infer<typeof lookWire> {
  const isOwn = look.kind === 'own';
  const isKnown = look.kind !== 'unknown';
  return {
    authorized_user: isOwn,
    email_match: look.kind !== 'other-address',
    expired_token: isKnown && look.isExpired,
    organization_name: isKnown ? look.organizationName : '',
    sso_mismatch: false,
    token_does_not_exist: !isKnown,
    ...(isOwn && { invite_id: look.id }),
  };
}
