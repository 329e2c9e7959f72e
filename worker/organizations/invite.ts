import type { Role } from '../../schema/roles.ts';
import type { Membership } from '../access/require-member.ts';
import { requireEmail } from '../accounts/credentials.ts';
import { sha256Hex } from '../auth/digest.ts';
import { createRefreshToken } from '../auth/secrets.ts';
import type { Actor, Ctx } from '../deps.ts';
import { AppError, notFound } from '../errors.ts';
import { invitationLimits } from '../limits/limits-of.ts';
import { requireAllowance } from '../limits/require-allowance.ts';
import { deliver } from '../mail/deliver.ts';
import type { Notice } from '../store/notices.ts';
import { changedMeanwhile } from './changed-meanwhile.ts';
import { authorizeRoles } from './find-member.ts';
import { describeInvitation, type Invitation, invitationMs, offeredRole } from './invitation.ts';
import { invitationLink, invitationMail } from './invitation-mail.ts';
import { knownSlug } from './known-slug.ts';
import { byOf } from './member-change.ts';
import { asText } from './notice-text.ts';
import { requireKnown } from './set-project-roles.ts';

export type Invited = Invitation & {
  /** null: it was mailed */
  link: string | null;
};

type Input = { slug: string; emails: readonly string[]; role: Role; refs: readonly string[] };

/**
 * Invites addresses to an organization, or to some of its projects. None of them where one is a member or has an open
 * invitation, which is named in the refusal. Where no mail goes out, the links are in the answer.
 * Errors: `invalid_input`, `not_found`, `forbidden`, `conflict`.
 */
export async function invite(ctx: Ctx, input: Input): Promise<Invited[]> {
  const { clock, store } = ctx.deps;
  const emails = [...new Set(input.emails.map(requireEmail))];
  const refs = [...new Set(input.refs)].sort();
  const { role } = input;
  const at = clock.now();
  const found = await store.invitations.beforeInviting(
    ctx.credential,
    { slug: knownSlug(input.slug), emails, refs },
    at,
  );
  const { actor, organization, addresses } = found;
  if (organization === null) throw notFound('Organization');
  authorizeRoles(actor, organization, [role]);
  // behind the authorization: a stranger must not use up what an organization may
  await requireAllowance(ctx, await invitationLimits(ctx, organization.slug, emails));
  requireKnown(refs, found.refs);
  requireNew(addresses);
  const place = { actor, organization };
  const sent: Invited[] = [];
  for (const email of emails) {
    const made = await inviteOne(ctx, place, { email, role, refs, createdAt: at, expiresAt: at + invitationMs });
    // those before it are good; who asked is told that somebody was faster with this one
    if (made === null) throw changedMeanwhile();
    sent.push(made);
  }
  return sent;
}

type Place = { actor: Actor; organization: Membership };

async function inviteOne(ctx: Ctx, place: Place, wanted: Omit<Invitation, 'id'>): Promise<Invited | null> {
  const { config, random, store } = ctx.deps;
  const { actor, organization } = place;
  const { email, role, refs, expiresAt } = wanted;
  const token = createRefreshToken(random);
  const made = await store.invitationChanges.invite(
    {
      organizationId: organization.id,
      ...{ email, role, refs, expiresAt },
      tokenHash: await sha256Hex(token),
      notice: { id: random.uuid(), ...noticeOf(place, wanted) },
    },
    byOf(ctx, place, { action: 'invitation.create', target: email, details: { to: describeInvitation(wanted) } }),
  );
  if (made === null) return null;
  const link = invitationLink(config, { token, slug: organization.slug });
  const mail = { organization: organization.name, role: offeredRole(wanted), inviter: actor.email, link };
  const delivery = await deliver(ctx.deps, invitationMail(email, mail));
  return { ...wanted, id: made, link: delivery === 'sent' ? null : link };
}

/** What Studio's bell tells the invited, if they have an account. */
function noticeOf({ actor, organization }: Place, wanted: Pick<Invitation, 'email' | 'role' | 'refs'>): Notice {
  const { name, slug } = organization;
  return {
    name: 'invitation.create',
    // Studio leaves out what is less until somebody clears its filter, and this wants an answer
    priority: 'Warning',
    organizationSlug: slug,
    title: `You are invited to ${name}`,
    message: `${asText(actor.email)} invites you to join ${asText(name)} as ${offeredRole(wanted)}. The link that lets you in was sent to ${asText(wanted.email)} and is good for 24 hours.`,
  };
}

function requireNew(addresses: readonly { email: string; isMember: number; isInvited: number }[]): void {
  const members = addresses.filter(({ isMember }) => isMember === 1).map(({ email }) => email);
  if (members.length > 0) throw new AppError('conflict', `In this organization already: ${members.join(', ')}`);
  const invited = addresses.filter(({ isInvited }) => isInvited === 1).map(({ email }) => email);
  if (invited.length === 0) return;
  throw new AppError('conflict', `Invited to this organization already: ${invited.join(', ')}`);
}
