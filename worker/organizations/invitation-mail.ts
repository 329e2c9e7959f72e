import type { Config } from '../deps.ts';
import { type Letter, letter } from '../mail/letter.ts';

/** Where an invited person goes: Studio's own page for it, which asks them to sign in first. */
export function invitationLink(
  { corsOrigins, publicUrl, studioUrl }: Pick<Config, 'corsOrigins' | 'publicUrl' | 'studioUrl'>,
  { token, slug }: { token: string; slug: string },
): string {
  return `${studioUrl ?? corsOrigins[0] ?? publicUrl}/join?${new URLSearchParams({ token, slug })}`;
}

/** To somebody who is asked to join an organization. */
export function invitationMail(
  to: string,
  { organization, role, inviter, link }: { organization: string; role: string; inviter: string; link: string },
): Letter {
  // a name may have line breaks, a subject never
  return letter(to, `You are invited to ${organization.replace(/\s+/g, ' ')}`, [
    `${inviter} invites you to join the organization ${organization} as ${role}.`,
    { link, label: 'Look at the invitation' },
    `The link is good for 24 hours, and for an account with this address, ${to}, only.`,
    'If you do not want to join, do nothing.',
  ]);
}
