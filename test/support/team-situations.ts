import { assignProject, createPerson, type Person } from './people.ts';
import { send } from './requests.ts';
import type { Seeded } from './seeded.ts';
import type { Given, Situation } from './situations.ts';

/** How Studio asks each operation about an organization's people. */
export const teamSituations: Record<string, Situation | ((given: Given) => Situation | Promise<Situation>)> = {
  'GET /platform/organizations/{slug}/roles': { version: '2' },
  'PATCH /platform/organizations/{slug}': { body: { name: 'Renamed', opt_in_tags: ['AI_SQL_GENERATOR_OPT_IN'] } },
  'DELETE /platform/organizations/{slug}': { refused: { status: 409, message: /still has \d+ projects?/ } },
  'PATCH /platform/organizations/{slug}/members/{gotrue_id}': async (given) => ({
    version: '2',
    params: { gotrue_id: (await scopedMember(given)).accountId },
    body: { role_id: 3 },
  }),
  'DELETE /platform/organizations/{slug}/members/{gotrue_id}': async (given) => ({
    params: { gotrue_id: (await scopedMember(given)).accountId },
  }),
  'PUT /platform/organizations/{slug}/members/{gotrue_id}/roles/{role_id}': async (given) => ({
    params: { gotrue_id: (await scopedMember(given)).accountId, role_id: '4' },
    body: { name: 'Read-only', role_scoped_projects: [given.seeded.ref] },
  }),
  'DELETE /platform/organizations/{slug}/members/{gotrue_id}/roles/{role_id}': async (given) => ({
    params: { gotrue_id: (await scopedMember(given)).accountId, role_id: '4' },
  }),
  'POST /platform/organizations/{slug}/members/invitations': {
    body: { email: 'to-be-invited@example.com', role_id: 3 },
  },
  'DELETE /platform/organizations/{slug}/members/invitations/{id}': async ({ seeded }) => {
    const { email } = await invited(seeded);
    const { rows } = await seeded.client.execute({ sql: 'select id from invitations where email = ?', args: [email] });
    return { params: { id: String(rows[0]?.id) } };
  },
  'GET /platform/organizations/{slug}/members/invitations/{token}': async ({ seeded }) => {
    const { person, token } = await invited(seeded);
    return { as: person, params: { token } };
  },
  'POST /platform/organizations/{slug}/members/invitations/{token}': async ({ seeded }) => {
    const { person, token } = await invited(seeded);
    return { as: person, params: { token } };
  },
  'PATCH /platform/organizations/{slug}/members/mfa/enforcement': { body: { enforced: false } },
  'PATCH /platform/notifications': { version: '2', body: [{ id: crypto.randomUUID(), status: 'seen' }] },
  'PATCH /platform/notifications/archive-all': { version: '2' },
};

async function scopedMember({ seeded }: Given): Promise<Person> {
  const person = await createPerson(seeded);
  const { organization, ref } = seeded;
  await assignProject(seeded, { person, slug: organization.slug, ref, role: 'Developer' });
  return person;
}

/** Somebody with an invitation and the token of its link. */
async function invited(seeded: Seeded): Promise<{ person: Person; email: string; token: string }> {
  const person = await createPerson(seeded);
  const { slug } = seeded.organization;
  const path = `/platform/organizations/${slug}/members/invitations`;
  await send(seeded, seeded.owner, 'POST', path, { email: person.email, role_id: 3 });
  return { person, email: person.email, token: tokenSentTo(seeded, person.email) };
}

/** The token of the link that was mailed last to that address. */
export function tokenSentTo({ sent }: Pick<Seeded, 'sent'>, email: string): string {
  const text = sent.filter(({ to }) => to === email).at(-1)?.text ?? '';
  return new URL(/https?:\S+/.exec(text)?.[0] ?? 'http://none').searchParams.get('token') ?? '';
}
