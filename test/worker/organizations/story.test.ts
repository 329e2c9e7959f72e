import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTestApp } from '../../support/app.ts';
import { createPerson } from '../../support/people.ts';
import { send } from '../../support/requests.ts';
import { tokenSentTo } from '../../support/team-situations.ts';

test('two people: one makes an organization and invites, the other joins, may not do everything, and leaves', async () => {
  const t = await createTestApp();
  const [ada, kim] = [await createPerson(t), await createPerson(t)];
  const made = await send(t, ada, 'POST', '/platform/organizations', {
    name: 'Ada & Kim',
    kind: 'PERSONAL',
    tier: 'tier_free',
  });
  const { slug } = z.object({ slug: z.string() }).parse(made.body);
  const path = `/platform/organizations/${slug}`;

  // the team page, and its form
  const roles = await send(t, ada, 'GET', `${path}/roles`);
  const developer = z
    .object({ org_scoped_roles: z.array(z.object({ id: z.number(), name: z.string() })) })
    .parse(roles.body)
    .org_scoped_roles.find(({ name }) => name === 'Developer');
  const invited = await send(t, ada, 'POST', `${path}/members/invitations`, {
    emails: [kim.email],
    role_id: developer?.id,
  });
  expect(invited.status).toBe(201);
  expect((await send(t, kim, 'GET', path)).status).toBe(404);

  // the link in the mail
  const token = tokenSentTo(t, kim.email);
  expect((await send(t, kim, 'GET', `${path}/members/invitations/${token}`)).body).toMatchObject({
    organization_name: 'Ada & Kim',
    email_match: true,
    expired_token: false,
  });
  expect((await send(t, kim, 'POST', `${path}/members/invitations/${token}`)).status).toBe(201);
  expect((await send(t, kim, 'GET', '/platform/organizations')).body).toMatchObject([{ slug, is_owner: false }]);
  const bell = await send(t, ada, 'GET', '/platform/notifications?offset=0&limit=20&status=new,seen');
  expect(bell.body).toMatchObject([{ name: 'invitation.accept', data: { org_slug: slug } }]);

  // what a Developer may not do is refused, whatever a client offers
  for (const [method, at, body] of [
    ['PATCH', path, { name: 'Kim’s' }],
    ['DELETE', path, undefined],
    ['POST', `${path}/members/invitations`, { email: 'third@example.com', role_id: 3 }],
    ['PATCH', `${path}/members/${kim.accountId}`, { role_id: 1 }],
    ['DELETE', `${path}/members/${ada.accountId}`, undefined],
    ['PATCH', `${path}/members/mfa/enforcement`, { enforced: true }],
  ] as const) {
    expect([method, at, (await send(t, kim, method, at, body)).status]).toEqual([method, at, 403]);
  }
  const list = z.array(z.object({ gotrue_id: z.string(), role_ids: z.array(z.number()) }));
  expect(list.parse((await send(t, kim, 'GET', `${path}/members`)).body)).toHaveLength(2);

  // Ada is the last Owner, Kim is not
  expect((await send(t, ada, 'DELETE', `${path}/members/${ada.accountId}`)).status).toBe(409);
  expect((await send(t, kim, 'DELETE', `${path}/members/${kim.accountId}`)).status).toBe(200);
  expect((await send(t, kim, 'GET', path)).status).toBe(404);
  expect((await send(t, kim, 'GET', '/platform/organizations')).body).toEqual([]);
  expect((await send(t, ada, 'DELETE', path)).status).toBe(200);
});
