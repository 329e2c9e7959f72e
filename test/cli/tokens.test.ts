import { beforeAll, describe, expect, test } from 'vitest';
import type { SignInOptions } from '../../cli/cli.ts';
import { signInWith } from '../../cli/sign-in.ts';
import { createTerminal } from '../../cli/terminal.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { createHost, createOrganization, createPerson, createProject, type Person } from '../support/people.ts';
import { runSupafleet, type Surroundings } from './run-supafleet.ts';

const password = 'correct horse battery';

describe('supafleet tokens', () => {
  let t: TestApp;
  let person: Person;
  let slug: string;
  let ref: string;

  beforeAll(async () => {
    t = await createTestApp();
    person = await createPerson(t);
    const organization = await createOrganization(t, [{ person, role: 'Owner' }]);
    slug = organization.slug;
    ref = (await createProject(t, organization, await createHost(t))).ref;
  });

  const run = (args: string[], around: Surroundings = {}) => runSupafleet(t, person, ['tokens', ...args], around);
  const signedIn = (args: string[]) => run(args, { email: person.email, password });

  test('makes one that is told once, on stdout alone, shows it in the list, and revokes it', async () => {
    const made = await signedIn(['create', '--name', 'ci', '--expires', '30d', '--project', ref, '--json']);
    expect(made).toMatchObject({ code: 0, err: '' });
    const { token, id, ...shown } = JSON.parse(made.out);
    expect(token).toMatch(/^sbp_[0-9a-f]{40}$/);
    const days = (Date.parse(shown.expiresAt) - t.clock.now()) / 86_400_000;
    expect([Math.round(days), shown.projects, shown.permissions]).toEqual([30, [ref], null]);
    const list = await run(['list']);
    expect(list.out).toContain(ref);
    expect(list.out).not.toContain(token);
    expect(await signedIn(['revoke', String(id), '--yes'])).toMatchObject({ code: 0 });
    expect((await run(['list'])).out).not.toContain(ref);
  });

  test('shows people the token and what it is limited to, and that it is not shown again', async () => {
    const args = ['create', '--name', 'two', '--organization', slug, '--permission', 'projects_read'];
    const { out, err } = await signedIn([
      ...args,
      '--permission',
      'database_read',
      '--expires',
      '2026-12-31T00:00:00Z',
    ]);
    expect(out).toMatch(/^Token +sbp_[0-9a-f]{40}$/m);
    expect(out).toMatch(new RegExp(`^Reaches +${slug}$`, 'm'));
    expect(out).toMatch(/^Permissions +projects_read, database_read$/m);
    expect(err).toContain('not shown again');
  });

  test('takes the password from stdin, or asks for it without showing it', async () => {
    const args = ['create', '--name', 'three', '--email', person.email];
    expect(await run([...args, '--password-stdin'], { stdin: `${password}\n` })).toMatchObject({ code: 0 });
    const asked = await run(args, { answers: [password] });
    expect(asked).toMatchObject({ code: 0, err: expect.stringContaining(`Password of ${person.email}`) });
    expect(await run(args)).toMatchObject({ code: 2, err: expect.stringContaining('SUPAFLEET_PASSWORD') });
    expect(await run(args, { answers: ['wrong'] })).toMatchObject({ code: 3 });
  });

  test.each([
    [['create', '--name', 'x', '--permission', 'everything'], 2, 'projects_read'],
    [['create', '--name', 'x', '--expires', 'soon'], 2, '30d'],
    [['create', '--name', 'x', '--project', 'nobodys'], 1, 'nobodys'],
    [['create', '--name', 'x', '--expires', '2001-01-01'], 1, 'expires_at'],
    [['create'], 2, '--name'],
    [['revoke', 'first', '--yes'], 2, 'tokens list'],
    [['revoke', '1'], 2, '--yes'],
    [['revoke', '999999999', '--yes'], 1, 'not found'],
  ])('%j is exit %i and says why', async (args, code, reason) => {
    expect(await signedIn(args)).toMatchObject({ code, err: expect.stringContaining(reason), out: '' });
  });

  test('an access token is not enough to make one, and the failure says what is', async () => {
    expect(await run(['create', '--name', 'x'])).toMatchObject({ code: 3, err: expect.stringContaining('--email') });
  });
});

describe('whose password supafleet sends where', () => {
  const dev = { url: 'http://localhost:8787', access_token: 'sbp_dev', email: 'first@example.com', password: 'dev' };
  const terminal = { ...createTerminal(process, false), isInteractive: false };
  const known = (
    options: SignInOptions,
    env: { url?: string; email?: string; password?: string } = {},
    file: object | null = dev,
  ) =>
    signInWith(options, {
      env: { url: env.url, email: env.email, password: env.password },
      directory: '/app',
      readFile: async () => (file === null ? null : JSON.stringify(file)),
      terminal,
    });

  test('that of dev.json to the control plane it is of, and to no other', async () => {
    const { email, password, url } = dev;
    expect(await known({})).toMatchObject({ email, password, url });
    expect(await known({ url: 'http://localhost:8787/' })).toMatchObject({ password });
    await expect(known({ url: 'https://other.example' })).rejects.toMatchObject({ exitCode: 3 });
    await expect(known({}, {}, null)).rejects.toMatchObject({ exitCode: 3 });
    await expect(known({}, {}, { url, access_token: 'x' })).rejects.toMatchObject({ exitCode: 3 });
  });

  test('that of the environment never where a file of the working directory points, or in clear text', async () => {
    const env = { email: 'me@example.com', password: 'mine' };
    await expect(known({}, env)).rejects.toMatchObject({ exitCode: 2 });
    await expect(known({ url: 'http://fleet.example' }, env)).rejects.toMatchObject({ exitCode: 2 });
    expect(await known({ url: 'https://fleet.example' }, env)).toMatchObject({ ...env, url: 'https://fleet.example' });
  });
});
