import { beforeAll, describe, expect, test } from 'vitest';
import { agentHeaders, protocolVersion } from '../../schema/agent-protocol.ts';
import { createApp } from '../../worker/app.ts';
import { absent } from '../../worker/platform/absent.ts';
import { createTestApp } from '../support/app.ts';
import { type RegisteredRoute, registeredRoutes } from '../support/routes.ts';
import { createSeededApp, type Seeded } from '../support/seeded.ts';

/** Routes that ask for no account, each with the reason. Everything else has to refuse nobody. */
const open: Record<string, string> = {
  'GET /docs': 'says what is served, which is public anyway',
  'GET /docs/openapi.json': 'as /docs',
  'GET /health': 'load balancers have no account, and it tells nothing but whether it works',
  'GET /auth/v1/.well-known/jwks.json': 'public keys are public',
  'GET /auth/v1/health': 'as /health',
  'GET /auth/v1/settings': 'says how one can sign in',
  'GET /auth/v1/authorize': 'this is where one leaves to sign in elsewhere',
  'GET /auth/v1/callback': 'this is where one comes back; its state is the credential',
  'POST /auth/v1/sso': 'refuses everyone alike',
  'POST /auth/v1/token': 'this is where one signs in',
  'GET /platform/telemetry/feature-flags': 'Studio asks before anyone is signed in',
  'POST /platform/telemetry/event': 'forgets what it is told',
  'POST /platform/telemetry/identify': 'forgets what it is told',
  'POST /platform/telemetry/reset': 'forgets what it is told',
  'POST /platform/telemetry/feature-flags/track': 'forgets what it is told',
  'POST /agent/v1/enroll': 'the one-time token is in the body, and its own tests try it',
  'POST /platform/signup': 'this is where one becomes somebody; refuses everyone alike where it is closed',
  'POST /platform/reset-password': 'who asks cannot sign in; the answer is the same for everyone',
  'POST /auth/v1/signup': 'as /platform/signup',
  'POST /auth/v1/recover': 'as /platform/reset-password',
  'POST /auth/v1/resend': 'as /auth/v1/recover',
  'GET /auth/v1/verify': 'the token in the link is the proof',
  'POST /auth/v1/verify': 'the token or code of the mail is the proof',
  'GET /platform/cli/login/:session_id': 'the CLI has no account yet; what it gets is encrypted for it alone',
};

/** What some routes refuse to be asked without; the others do not care. */
const needed = 'services=db&cloud_provider=AWS&organization_slug=none&ref=&cursor=0';

describe('every route', () => {
  let seeded: Seeded;
  let routes: RegisteredRoute[];

  beforeAll(async () => {
    seeded = await createSeededApp();
    routes = registeredRoutes(seeded.app);
  });

  const ask = (route: RegisteredRoute, headers: HeadersInit) =>
    seeded.app.request(`${route.url({ ref: seeded.ref, slug: seeded.organization.slug })}?${needed}`, {
      method: route.method,
      headers: { ...headers, 'content-type': 'application/json', [agentHeaders.version]: String(protocolVersion) },
      ...(route.method !== 'GET' && { body: '{}' }),
    });

  test('refuses nobody, or is named open with a reason', async () => {
    const wrong: string[] = [];
    for (const route of routes.filter(({ name }) => !(name in open))) {
      const { status } = await ask(route, {});
      if (status !== 401) wrong.push(`${route.name}: ${status}`);
    }
    expect(wrong).toEqual([]);
  });

  test('named open exists', () => {
    const names = new Set(routes.map(({ name }) => name));
    expect(Object.keys(open).filter((name) => !names.has(name) && !name.startsWith('GET /auth/v1/'))).toEqual([]);
  });

  test('of a project or an organization is not there for strangers', async () => {
    const wrong: string[] = [];
    for (const route of routes.filter(({ name }) => /[:{](ref|slug)\b/.test(name))) {
      if (forStrangers.has(route.name)) continue;
      const { status } = await ask(route, seeded.stranger.headers);
      if (status !== 404 && !(status === 400 && route.method !== 'GET')) wrong.push(`${route.name}: ${status}`);
    }
    expect(wrong).toEqual([]);
  });

  test('that changes something refuses readers', async () => {
    const wrong: string[] = [];
    const isAbsent = new Set(absent.map(({ route }) => route.replaceAll(/\{(\w+)\}/g, ':$1')));
    for (const route of routes.filter(({ name, method }) => method !== 'GET' && /:(ref|slug)\b/.test(name))) {
      if (isAbsent.has(route.name) || harmless.has(route.name)) continue;
      const { status } = await ask(route, seeded.reader.headers);
      if (status !== 403 && status !== 400) wrong.push(`${route.name}: ${status}`);
    }
    expect(wrong).toEqual([]);
  });

  test('of the table of what is absent hides none that is served', async () => {
    const { deps } = await createTestApp();
    const all = createApp(deps)
      .routes.filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`);
    const twice = absent
      .map(({ route }) => route.replaceAll(/\{(\w+)\}/g, ':$1'))
      .filter((route) => all.filter((name) => name === route).length !== 1);
    expect(twice).toEqual([]);
  });

  test('that does not exist is an honest 404, and for nobody no more than any other', async () => {
    for (const path of ['/platform/nothing', '/v1/nothing', '/nothing', '/platform/pg-meta/x/y/z', '/']) {
      const response = await seeded.app.request(path, { headers: seeded.owner.headers });
      expect([response.status, await response.json()]).toMatchObject([404, { message: 'Route not found' }]);
      const anonymous = await seeded.app.request(path);
      expect(anonymous.status, path).toBe(/^\/(platform|v1)\//.test(path) ? 401 : 404);
    }
  });
});

/** They change nothing for readers: a question asked by POST, and what only the holder of a link may do. */
const harmless = new Set([
  'POST /platform/organizations/:slug/available-versions',
  'POST /platform/organizations/:slug/members/invitations/:token',
]);

/** It says that the link is worth nothing, as it has to say to the people it is for, who are strangers still. */
const forStrangers = new Set(['GET /platform/organizations/:slug/members/invitations/:token']);
