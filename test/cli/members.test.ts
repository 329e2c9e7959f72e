import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import {
  createHost,
  createOrganization,
  createPerson,
  createProject,
  type Person,
  type TestOrganization,
} from '../support/people.ts';
import { runSupafleet, type Surroundings } from './run-supafleet.ts';

describe('supafleet, for a team', () => {
  let t: TestApp;
  let owner: Person;
  let kim: Person;
  let organization: TestOrganization;
  let ref: string;

  beforeAll(async () => {
    t = await createTestApp({ mailer: null });
    [owner, kim] = await Promise.all([createPerson(t), createPerson(t)]);
    organization = await createOrganization(t, [
      { person: owner, role: 'Owner' },
      { person: kim, role: 'Developer' },
    ]);
    ref = (await createProject(t, organization, await createHost(t))).ref;
  });

  const asOwner = (args: string[], around?: Surroundings) => runSupafleet(t, owner, args, around);
  const there = () => ['--organization', organization.slug];

  test('lists members in a table and in JSON', async () => {
    const { code, out } = await asOwner(['members', 'list', ...there()]);
    expect(code).toBe(0);
    expect(out).toMatch(/^EMAIL +ROLE +IN PROJECTS +SECOND FACTOR +ID\n/);
    expect(out).toMatch(new RegExp(`${kim.email} +Developer`));
    const { items } = JSON.parse((await asOwner(['members', 'list', ...there(), '--json'])).out);
    expect(items).toHaveLength(2);
    expect(items).toContainEqual(
      expect.objectContaining({ email: kim.email, role: 'Developer', hasSecondFactor: false }),
    );
  });

  test('gives a role in a project, and in the organization again', async () => {
    const inProject = await asOwner([
      'members',
      'role',
      kim.email,
      ...there(),
      '--role',
      'Read-only',
      '--project',
      ref,
    ]);
    expect(inProject).toMatchObject({ code: 0, out: expect.stringContaining(`${ref} Read-only`) });
    const again = await asOwner(['members', 'role', kim.accountId, ...there(), '--role', 'Developer', '--json']);
    expect(JSON.parse(again.out)).toMatchObject({ role: 'Developer', projectRoles: [] });
    expect(await asOwner(['members', 'role', kim.email, ...there(), '--role', 'King'])).toMatchObject({ code: 2 });
  });

  test('invites, shows the link where no mail goes out, lists and revokes', async () => {
    const invited = await asOwner(['members', 'invite', 'new-member@example.com', ...there(), '--role', 'Developer']);
    expect(invited).toMatchObject({ code: 0, out: expect.stringContaining('/join?token=') });
    const { items } = JSON.parse((await asOwner(['invitations', 'list', ...there(), '--json'])).out);
    expect(items).toEqual([expect.objectContaining({ email: 'new-member@example.com', role: 'Developer' })]);
    expect((await asOwner(['invitations', 'list', ...there()])).out).toContain('GOOD UNTIL');
    const revoked = await asOwner(['invitations', 'revoke', String(items[0].id), ...there()]);
    expect(revoked).toMatchObject({ code: 0, out: expect.stringContaining('Revoked') });
    expect(JSON.parse((await asOwner(['invitations', 'list', ...there(), '--json'])).out).items).toEqual([]);
    expect(await asOwner(['invitations', 'revoke', 'x', ...there()])).toMatchObject({ code: 1 });
  });

  test('transfers, leaves, renames and deletes, asking first', async () => {
    const { slug } = organization;
    expect(await asOwner(['organizations', 'rename', slug, 'New name'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('New name'),
    });
    const unsure = await asOwner(['organizations', 'transfer', slug, '--to', kim.email], { answers: ['no'] });
    expect(unsure.code).toBe(1);
    const given = await asOwner(['organizations', 'transfer', slug, '--to', kim.email], { answers: [slug] });
    expect(given).toMatchObject({ code: 0, out: expect.stringMatching(/Role +Owner/) });
    expect(await asOwner(['organizations', 'leave', slug, '--yes'])).toMatchObject({ code: 0 });
    const last = await runSupafleet(t, kim, ['organizations', 'leave', slug, '--yes']);
    expect(last).toMatchObject({ code: 1, err: expect.stringContaining('last Owner') });
    const mfa = await runSupafleet(t, kim, ['organizations', 'enforce-mfa', slug]);
    expect(mfa).toMatchObject({ code: 1, err: expect.stringContaining('multi-factor') });
    expect(await runSupafleet(t, kim, ['organizations', 'enforce-mfa', slug, '--off'])).toMatchObject({ code: 0 });
    const full = await runSupafleet(t, kim, ['organizations', 'delete', slug, '--yes']);
    expect(full).toMatchObject({ code: 1, err: expect.stringContaining('1 project') });
    await t.client.execute({ sql: 'delete from projects where ref = ?', args: [ref] });
    expect(await runSupafleet(t, kim, ['organizations', 'delete', slug, '--yes'])).toMatchObject({ code: 0 });
  });

  test('removes a member only when sure', async () => {
    const other = await createOrganization(t, [
      { person: owner, role: 'Owner' },
      { person: kim, role: 'Developer' },
    ]);
    const args = ['members', 'remove', kim.email, '--organization', other.slug];
    expect((await asOwner(args)).code).toBe(2);
    expect(await asOwner([...args, '--yes'])).toMatchObject({ code: 0, out: expect.stringContaining('Removed') });
    expect(await asOwner([...args, '--yes'])).toMatchObject({ code: 1 });
  });
});
