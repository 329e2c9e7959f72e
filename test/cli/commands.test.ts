import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import {
  createHost,
  createOrganization,
  createPerson,
  createProject,
  letters,
  type Person,
  type TestOrganization,
} from '../support/people.ts';
import { runSupafleet, type Surroundings } from './run-supafleet.ts';

describe('supafleet', () => {
  let t: TestApp;
  let owner: Person;
  let operator: Person;
  let organization: TestOrganization;

  beforeAll(async () => {
    t = await createTestApp();
    owner = await createPerson(t);
    operator = await createPerson(t, { isOperator: true });
    organization = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
  });

  const asOwner = (args: string[], around?: Surroundings) => runSupafleet(t, owner, args, around);
  const asOperator = (args: string[], around?: Surroundings) => runSupafleet(t, operator, args, around);
  const json = async (args: string[]) => JSON.parse((await asOwner([...args, '--json'])).out);

  test('every command has help that ends well', async () => {
    const groups = [
      'organizations',
      'members',
      'invitations',
      'projects',
      'hosts',
      'users',
      'tokens',
      'audit',
      'studio',
      'system',
    ];
    for (const group of groups) {
      const { code, out } = await runSupafleet(t, null, [group, '--help']);
      expect({ group, code }).toEqual({ group, code: 0 });
      expect(out).toContain(`supafleet ${group}`);
    }
    const { out } = await runSupafleet(t, null, ['--help']);
    for (const text of ['Exit codes', '.data/dev.json', 'SUPAFLEET_TOKEN', ...groups]) expect(out).toContain(text);
  });

  test.each([
    [['bogus']],
    [['projects']],
    [['projects', 'list', '--bogus']],
    [['projects', 'get']],
    [['projects', 'list', '--limit', '0']],
    [['projects', 'pause', 'x', '--timeout', 'soon']],
    [['audit', 'list']],
  ])('what is typed wrong (%j) is exit 2 and asks nobody', async (args) => {
    const { code, out, err } = await runSupafleet(t, null, args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).not.toBe('');
  });

  test('no token and a refused one are exit 3, no answer is exit 4, a refusal exit 1; each says what to do', async () => {
    const nobody = await runSupafleet(t, null, ['projects', 'list']);
    expect(nobody).toMatchObject({ code: 3, err: expect.stringContaining('SUPAFLEET_TOKEN') });
    const wrong = await asOwner(['projects', 'list', '--token', 'sbp_wrong']);
    expect(wrong).toMatchObject({ code: 3, err: expect.stringContaining('access token') });
    const refused = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:9') });
    const unreachable = await asOwner(['projects', 'list'], { fetch: () => Promise.reject(refused) });
    expect(unreachable).toMatchObject({ code: 4, err: expect.stringContaining('ECONNREFUSED') });
    const forbidden = await asOwner(['users', 'list']);
    expect(forbidden).toMatchObject({ code: 1, err: expect.stringMatching(/request id: \S+/) });
  });

  test('with --json a failure is JSON on stderr and nothing is on stdout', async () => {
    const { code, out, err } = await asOwner(['projects', 'get', letters(20), '--json']);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(JSON.parse(err)).toEqual({
      error: {
        code: 'not_found',
        message: 'Project not found',
        hint: expect.any(String),
        requestId: expect.stringMatching(/./),
      },
    });
  });

  test('a list says that there is more, and --all has everything', async () => {
    const mine = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
    const host = await createHost(t);
    const made = [];
    for (let count = 0; count < 3; count += 1) made.push((await createProject(t, mine, host)).ref);
    const list = ['projects', 'list', '--organization', mine.slug, '--limit', '2'];
    const first = await asOwner(list);
    expect(first.out.trimEnd().split('\n')).toHaveLength(3);
    expect(first.err).toContain('--all');
    const all = await json([...list, '--all']);
    expect(all.items.map(({ ref }: { ref: string }) => ref).sort()).toEqual(made.sort());
    expect(all.nextCursor).toBeNull();
  });

  test('organizations are made and listed', async () => {
    const made = await json(['organizations', 'create', '--name', 'Acme "Inc."']);
    expect(made).toMatchObject({ name: 'Acme "Inc."', role: 'Owner' });
    expect((await asOwner(['organizations', 'list', '--all'])).out).toContain(made.slug);
  });

  test('a generated database password is shown once, one that was given never', async () => {
    await createHost(t);
    const create = () => ['projects', 'create', '--organization', organization.slug, '--name', letters(8)];
    const generated = await asOwner(create());
    expect(generated.out).toMatch(/database password, shown only now: \S{16,}/);
    for (const given of [
      await asOwner(create(), { env: { databasePassword: 'from the environment' } }),
      await asOwner([...create(), '--password-stdin'], { stdin: 'from the environment\n' }),
    ]) {
      expect(given).toMatchObject({ code: 0, err: '' });
      expect(given.out + given.err).not.toContain('from the environment');
      expect(given.out).not.toContain('shown only now');
    }
  });

  test('secret keys are shown only with --reveal', async () => {
    await createHost(t);
    const { ref } = await json(['projects', 'create', '--organization', organization.slug, '--name', 'keys']);
    expect((await asOwner(['projects', 'keys', ref])).out).not.toContain('sb_secret_');
    expect((await asOwner(['projects', 'keys', ref, '--reveal'])).out).toContain('sb_secret_');
  });

  test('a project is made, resized and given other services as asked, and shown with what it is made of', async () => {
    await createHost(t);
    const create = ['projects', 'create', '--organization', organization.slug, '--name', letters(8)];
    const made = await json([...create, '--size', 'small', '--profile', 'minimal', '--release', '2026.06']);
    expect(made).toMatchObject({ size: 'small', profile: 'minimal', release: '2026.06' });
    for (const wrong of [
      ['--size', 'galactic'],
      ['--profile', 'tiny'],
    ]) {
      expect(await asOwner([...create, ...wrong])).toMatchObject({ code: 2, out: '' });
    }
    const unknown = await asOwner([...create, '--release', '2031.01']);
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('2026.06, 2026.09') });

    const { ref } = await createProject(t, organization, await createHost(t, { runtime: 'compose' }));
    expect((await asOwner(['projects', 'resize', ref, 'large'])).out).toMatch(/Status +RESIZING/);
    expect((await asOwner(['projects', 'profile', ref, 'full'])).out).toMatch(/Profile +full/);
    await t.client.execute({
      sql: `update observations set drift = '["one","two"]' where ref = ?`,
      args: [ref],
    });
    const { out } = await asOwner(['projects', 'show', ref]);
    for (const line of [/Size +large/, /Release +2026\.09/, /Drift +one; two/]) expect(out).toMatch(line);
    await t.client.execute({ sql: "update projects set release = '2026.06' where ref = ?", args: [ref] });
    expect((await asOwner(['projects', 'upgrade', ref])).out).toMatch(/Status +UPGRADING/);
    expect(await asOwner(['projects', 'upgrade', ref, '2026.06'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('not possible'),
    });
  });

  test('a spec is JSON, in a file that only its owner reads, with secrets only when one asks', async () => {
    await createHost(t);
    const { ref } = await json(['projects', 'create', '--organization', organization.slug, '--name', letters(8)]);
    const shown = await asOperator(['projects', 'spec', ref]);
    expect(JSON.parse(shown.out)).toMatchObject({
      ref,
      secrets: { dbPassword: expect.stringContaining('placeholder') },
    });
    const directory = await mkdtemp(join(tmpdir(), 'supafleet-spec-'));
    try {
      const file = join(directory, 'spec.json');
      await writeFile(file, 'older', { mode: 0o644 });
      const written = await asOperator(['projects', 'spec', ref, '--out', file, '--show-secrets']);
      expect(written).toMatchObject({ code: 0, out: '' });
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      const text = await readFile(file, 'utf8');
      expect(JSON.parse(text)).toMatchObject({ ref, secrets: { dbPassword: expect.stringMatching(/^[0-9a-f]{32}$/) } });
      expect(await readdir(directory)).toEqual(['spec.json']);
      const nowhere = await asOperator(['projects', 'spec', ref, '--out', join(directory, 'no', 'spec.json')]);
      expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('ENOENT') });
    } finally {
      await rm(directory, { recursive: true });
    }
    expect(await asOwner(['projects', 'spec', ref])).toMatchObject({ code: 1, out: '' });
  });

  test('nothing is removed or shut out before it was confirmed', async () => {
    const host = await createHost(t);
    const { ref } = await createProject(t, organization, host);
    expect(await asOwner(['projects', 'remove', ref])).toMatchObject({ code: 2 });
    expect(await asOwner(['projects', 'remove', ref], { answers: ['yes'] })).toMatchObject({ code: 1 });
    expect(await json(['projects', 'get', ref])).toMatchObject({ status: 'ACTIVE_HEALTHY' });
    expect(await asOwner(['projects', 'remove', ref], { answers: [ref] })).toMatchObject({ code: 0 });
    expect(await json(['projects', 'get', ref])).toMatchObject({ status: 'GOING_DOWN' });
    expect(await asOperator(['hosts', 'revoke', host.id])).toMatchObject({ code: 2 });
    expect((await asOperator(['hosts', 'revoke', host.id, '--yes'])).out).toContain('revoked');
  });

  test('a host is cordoned and uncordoned; an enrolment token alone is on stdout', async () => {
    const { id } = await createHost(t);
    expect((await asOperator(['hosts', 'cordon', id])).out).toContain('cordoned');
    expect((await asOperator(['hosts', 'uncordon', id])).out).not.toContain('cordoned');
    expect((await asOperator(['hosts', 'token'])).out).toMatch(/^sfe_[0-9a-f]{40}\n$/);
  });

  test('an account gets its password from a question, stdin or the environment, never from an argument', async () => {
    const create = () => ['users', 'create', '--email', `${letters(12)}@example.com`];
    const password = 'correct horse battery';
    expect(await asOperator(create())).toMatchObject({ code: 2, err: expect.stringContaining('--password-stdin') });
    expect(await asOperator(create(), { answers: [password, 'another'] })).toMatchObject({ code: 2 });
    for (const around of [
      { answers: [password, password] },
      { stdin: password },
      { env: { userPassword: password } },
    ]) {
      const args = 'stdin' in around ? [...create(), '--password-stdin'] : create();
      const { code, out, err } = await asOperator(args, around);
      expect(code).toBe(0);
      expect(out + err).not.toContain(password);
    }
    expect(await asOperator([...create(), '--password', password])).toMatchObject({ code: 2 });
  });

  test('an account is invited and reset by mail; without a mail server the operator gets the link', async () => {
    const email = `${letters(12)}@example.com`;
    const invited = await asOperator(['users', 'invite', '--email', email]);
    expect(invited).toMatchObject({ code: 0, out: expect.stringContaining(`A mail is on its way to ${email}.`) });
    expect(invited.out).toMatch(/State +unconfirmed/);
    expect(invited.out).not.toContain('/verify');
    const silent = { ...t, ...(await createTestApp({ mailer: null })) };
    const someone = await createPerson(silent, { isOperator: true });
    const reset = await runSupafleet(silent, someone, ['users', 'reset', email]);
    expect(reset).toMatchObject({ code: 0, out: expect.stringContaining('No mail server is configured') });
    expect(reset.out).toMatch(/\/auth\/v1\/verify\?token=[\w-]{43}&type=recovery\n$/);
    expect(await asOperator(['users', 'reset', 'nobody@example.com'])).toMatchObject({ code: 1 });
  });

  test('the audit shows who did what', async () => {
    const mine = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
    const { ref } = await createProject(t, mine, await createHost(t));
    await asOwner(['projects', 'rename', ref, '--name', 'other']);
    const { out } = await asOwner(['audit', 'list', '--organization', mine.slug]);
    expect(out).toContain(ref);
    expect(out).toContain(owner.accountId);
  });
});
