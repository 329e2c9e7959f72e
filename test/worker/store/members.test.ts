import { beforeAll, describe, expect, test } from 'vitest';
import { invitationStore } from '../../../worker/store/invitations.ts';
import { memberStore } from '../../../worker/store/members.ts';
import { notificationStore } from '../../../worker/store/notifications.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createOrganization, createPerson, type Person, type TestOrganization } from '../../support/people.ts';
import { recordStatements } from '../../support/query-plans.ts';

describe('what is read of an organization’s people', () => {
  let t: TestApp;
  let owner: Person;
  let organization: TestOrganization;

  beforeAll(async () => {
    t = await createTestApp();
    owner = await createPerson(t);
    organization = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
  });

  test('is found by indexes, whatever else there is', async () => {
    const { database, plansOf } = recordStatements(t.client);
    const credential = { kind: 'session', id: owner.sessionId } as const;
    const { slug } = organization;
    const page = { slug, limit: 100, offset: 0 };
    const now = t.clock.now();
    await memberStore(database).members(credential, page, now);
    await memberStore(database).member(credential, { slug, member: owner.email, refs: ['x'] }, now);
    await memberStore(database).givenRoles(credential, slug, now);
    await memberStore(database).membersOfProject(credential, 'x', now);
    await invitationStore(database).invitations(credential, page, now);
    await invitationStore(database).invitation(credential, { slug, id: 1 }, now);
    await invitationStore(database).invitationByToken(credential, { slug, hash: 'x' }, now);
    await invitationStore(database).beforeInviting(credential, { slug, emails: ['a@b.c'], refs: ['x'] }, now);
    const filter = { statuses: [], priorities: [], organizations: [], projects: [] };
    await notificationStore(database).notifications(credential, filter, { limit: 20, offset: 0 }, now);
    await notificationStore(database).unread(credential, now);
    const plans = await plansOf(/^select/);
    expect(plans.length).toBeGreaterThan(20);
    // nothing but rows of its own making is gone through
    for (const plan of plans)
      expect(plan).not.toMatch(/SCAN (?!\(subquery|CONSTANT|wanted|json_each|live|j |given|j\b)/);
  });

  test('pages of members come in the order of an index', async () => {
    const { database, plansOf } = recordStatements(t.client);
    const page = { slug: organization.slug, limit: 100, offset: 0 };
    await memberStore(database).members({ kind: 'session', id: owner.sessionId }, page, t.clock.now());
    const [plan] = await plansOf(/limit \? offset \?/);
    expect(plan).toMatch(/memberships_by_organization/);
    expect(plan?.split('\n').filter((line) => line.includes('TEMP B-TREE FOR ORDER BY'))).toEqual([]);
  });
});
