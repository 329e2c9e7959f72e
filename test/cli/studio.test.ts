import { beforeAll, describe, expect, test } from 'vitest';
import { address } from '../../cli/connection.ts';
import { dotenv, studioEnv } from '../../cli/studio-env.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { createHost, createPerson, type Person } from '../support/people.ts';
import { runSupafleet } from './run-supafleet.ts';

const url = 'https://fleet.example.com';

describe('what Studio is built with', () => {
  const value = (name: string, projectHosts: string[] = []) =>
    studioEnv({ url, studioUrl: 'https://studio.example.com', projectHosts, captchaSiteKey: 'key' }).find(
      (one) => one.name === name,
    )?.value;

  test('leads Studio from its API’s address to everything of the control plane', () => {
    const api = value('NEXT_PUBLIC_API_URL') ?? '';
    expect(api).toBe(`${url}/platform`);
    // what Studio does with it
    expect(`${api.replace('/platform', '')}/v1/projects`).toBe(`${url}/v1/projects`);
    expect(value('NEXT_PUBLIC_GOTRUE_URL')).toBe(`${url}/auth/v1`);
    expect(value('NEXT_PUBLIC_SITE_URL')).toBe('https://studio.example.com');
    expect(value('NEXT_PUBLIC_HCAPTCHA_SITE_KEY')).toBe('key');
  });

  test.each([
    [['projects.example.com'], 'https://*.projects.example.com', 'wss://*.projects.example.com'],
    [['localhost'], 'http://localhost:* https://*.localhost', 'ws://localhost:* wss://*.localhost'],
    [['http://10.0.0.7:*/'], 'http://10.0.0.7:*', 'ws://10.0.0.7:*'],
    [
      ['a.example', 'b.example', 'a.example'],
      'https://*.a.example https://*.b.example',
      'wss://*.a.example wss://*.b.example',
    ],
    [[], undefined, undefined],
  ])('lets the browser reach projects at %j', (hosts, origins, sockets) => {
    expect([value('NIMBUS_PROD_PROJECTS_URL', hosts), value('NIMBUS_PROD_PROJECTS_URL_WS', hosts)]).toEqual([
      origins,
      sockets,
    ]);
  });

  test('as a file reads back as it was: every value on a line of its own, nothing empty', () => {
    const variables = studioEnv({
      url,
      studioUrl: url,
      projectHosts: ['a.example', 'b.example'],
      captchaSiteKey: 'key',
    });
    const lines = [...dotenv(variables).matchAll(/^(\w+)=("?)(.+)\2$/gm)];
    expect(lines.map(([, name, , text]) => [name, text])).toEqual(
      variables.map(({ name, value: text }) => [name, text]),
    );
    expect(dotenv(variables)).toContain('# leave unset');
    expect(dotenv(variables)).not.toContain('$');
  });
});

describe('supafleet studio env', () => {
  let t: TestApp;
  let operator: Person;
  let owner: Person;

  beforeAll(async () => {
    t = await createTestApp();
    operator = await createPerson(t, { isOperator: true });
    owner = await createPerson(t);
    await createHost(t);
  });

  const studio = (person: Person | null, ...args: string[]) => runSupafleet(t, person, ['studio', 'env', ...args]);

  test('needs no token where hosts are named', async () => {
    const { code, out, err } = await studio(null, '--url', `${url}/`, '--project-host', 'p.example.com');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`NEXT_PUBLIC_API_URL=${url}/platform\n`);
    expect(out).toContain(`NEXT_PUBLIC_SITE_URL=${url}\n`);
    expect(out).toContain('NIMBUS_PROD_PROJECTS_URL=https://*.p.example.com\n');
  });

  test('takes the hosts that operators may see, as JSON too', async () => {
    const { code, out } = await studio(operator, '--json', '--studio-url', 'http://localhost:3000/');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      NEXT_PUBLIC_SITE_URL: 'http://localhost:3000',
      NIMBUS_PROD_PROJECTS_URL: expect.stringContaining('http'),
    });
  });

  test('goes on without hosts for others, and says what that costs', async () => {
    for (const person of [owner, null]) {
      const { code, out, err } = await studio(person);
      expect(code).toBe(0);
      expect(out).not.toContain('NIMBUS');
      expect(err).toContain('--project-host');
    }
  });

  test.each([
    [['--url', 'https://platform.example.com']],
    [['--url', 'https://fleet.example.com/platform']],
    [['--studio-url', 'studio']],
    [['--studio-url', 'https://x.example/"$HOME']],
    [['--project-host', 'a b']],
    [['--project-host', 'https://x.example/path;script-src']],
    [['--captcha-site-key', 'a\nB=c']],
  ])('%j is wrong usage', async (args) => {
    expect(await studio(null, ...args)).toMatchObject({ code: 2, out: '' });
  });

  test('finds the control plane as other commands do, but without a token', async () => {
    const file = JSON.stringify({ url: 'http://localhost:8787', access_token: 'sbp_dev' });
    const sources = (env: string | undefined, dev: string | null) => ({
      env: { url: env, token: undefined },
      directory: '/app',
      readFile: async () => dev,
    });
    expect(await address({ url }, sources('https://env.example', file))).toBe(url);
    expect(await address({}, sources('https://env.example', file))).toBe('https://env.example');
    expect(await address({}, sources(undefined, file))).toBe('http://localhost:8787');
    await expect(address({}, sources(undefined, null))).rejects.toMatchObject({ exitCode: 2 });
    await expect(address({ url: 'http://fleet.example' }, sources(undefined, null))).rejects.toMatchObject({
      exitCode: 2,
    });
  });
});
