import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideKey } from '../../schema/gateway-keys.ts';
import { normalizeTarget } from '../../schema/gateway-path.ts';
import { gatewayRoutes, matchRoute } from '../../schema/gateway-routes.ts';
import { keys, publishableKey, secretKey } from '../agent/edge/gateway-fixture.ts';

function routed(target: string) {
  const normal = normalizeTarget(target);
  return normal === null ? null : matchRoute(normal.path);
}

function decide(target: string, headers: { apikey?: string; authorization?: string } = {}) {
  const normal = normalizeTarget(target);
  const match = normal === null ? null : matchRoute(normal.path);
  if (normal === null || match === null) throw new Error(`${target} has no route`);
  const request = { apikey: headers.apikey, authorization: headers.authorization, query: normal.query };
  return decideKey(match.route, request, keys);
}

describe('public paths reach the service Supabase sends them to', () => {
  it.each([
    ['/auth/v1/token?grant_type=password', 'auth', '/token'],
    ['/auth/v1/verify', 'auth-verify', '/verify'],
    ['/auth/v1/verify/more', 'auth-verify', '/verify/more'],
    ['/auth/v1/verifyall', 'auth', '/verifyall'],
    ['/auth/v1/callback?code=1', 'auth-callback', '/callback'],
    ['/auth/v1/authorize', 'auth-authorize', '/authorize'],
    ['/auth/v1/.well-known/jwks.json', 'auth-jwks', '/.well-known/jwks.json'],
    ['/auth/v1/sso/saml/acs', 'auth-sso-acs', '/sso/saml/acs'],
    ['/sso/saml/metadata', 'auth-sso-metadata-old', '/sso/saml/metadata'],
    [
      '/.well-known/oauth-authorization-server/auth/v1',
      'auth-oauth-server',
      '/.well-known/oauth-authorization-server/auth/v1',
    ],
    ['/rest/v1', 'rest-openapi', '/'],
    ['/rest/v1/', 'rest-openapi', '/'],
    ['/rest/v1/todos?select=*', 'rest', '/todos'],
    ['/rest/v1/rpc/add', 'rest', '/rpc/add'],
    ['/graphql/v1', 'graphql', '/rpc/graphql'],
    ['/realtime/v1/websocket', 'realtime', '/socket/websocket'],
    ['/realtime/v1/api/broadcast', 'realtime-api', '/api/broadcast'],
    ['/realtime/v1/api/tenants/x', 'realtime-tenants', '/api/tenants/x'],
    ['/storage/v1/object/public/a/b.png', 'storage', '/object/public/a/b.png'],
    ['/storage/v1/s3', 'storage', '/s3'],
    ['/functions/v1/hello/world', 'functions', '/hello/world'],
    ['/pg/query', 'pg-meta', '/query'],
  ])('%s', (target, name, upstreamPath) => {
    const match = routed(target);
    expect({ name: match?.route.name, upstreamPath: match?.upstreamPath }).toEqual({ name, upstreamPath });
  });

  it.each(['/', '/rest', '/rest/v2/x', '/REST/v1/x', '/analytics/v1', '/api/mcp', '/mcp', '/pgx', '/storage/v10/x'])(
    '%s has no route',
    (target) => expect(routed(target)).toBeNull(),
  );

  it('an exact route stands above the prefix it narrows, and no name is used twice', () => {
    const names = gatewayRoutes.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const [index, { path }] of gatewayRoutes.entries()) {
      const hiddenBy = gatewayRoutes.slice(0, index).filter((earlier) => earlier.match === 'prefix');
      expect(hiddenBy.filter((earlier) => path === earlier.path || path.startsWith(`${earlier.path}/`))).toEqual([]);
    }
  });
});

describe('no spelling of a path gets past the check of the path it ends up as', () => {
  it.each([
    ['/rest/v1/../../pg/query', '/pg/query'],
    ['/functions/v1/%2e%2e/%2E%2e/pg/query', '/pg/query'],
    ['//pg//query', '/pg/query'],
    ['/./rest/v1/./todos', '/rest/v1/todos'],
    ['/%72est/v1/%74odos', '/rest/v1/todos'],
    ['/../../..', '/'],
    ['/rest/v1/x/..', '/rest/v1/'],
    ['/rest/v1/%e2%82%ac', '/rest/v1/%E2%82%AC'],
    ['/rest/v1/caf\u00c3\u00a9', '/rest/v1/caf%C3%A9'],
    ['http://elsewhere.example/pg/query', '/pg/query'],
  ])('%s is read as %s', (target, path) => expect(normalizeTarget(target)?.path).toBe(path));

  it.each([
    '/functions/v1/..%2f..%2fpg/query',
    '/functions/v1/..%5cpg',
    '/functions\\v1',
    '/rest/v1/%00',
    '/rest/v1/%zz',
    '/rest/v1/%4',
    '/rest/v1/x#y',
    '/rest/v1/\u0001',
    'pg/query',
    '*',
    '',
  ])('%s is refused', (target) => expect(normalizeTarget(target)).toBeNull());

  it('a normal path is its own normal form, and nothing in it can be read as another path', () => {
    const piece = fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2F',
      '%',
      'pg',
      'rest',
      'v1',
      '\\',
      'a',
      '%41',
      ';',
      '~',
      '+',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const normal = normalizeTarget(`/${pieces.join('')}`);
        if (normal === null) return;
        expect(normalizeTarget(normal.path)).toEqual({ path: normal.path, query: '' });
        expect(new URL(normal.path, 'http://gateway').pathname).toBe(normal.path);
        expect(normal.path).not.toMatch(/\/\/|%2f|\\/i);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('who passes', () => {
  const refused = (status: number) => ({ kind: 'refuse', status });

  it.each<[string, Parameters<typeof decide>[1], number | 'pass']>([
    ['/rest/v1/todos', {}, 401],
    ['/rest/v1/todos', { authorization: `Bearer ${keys.anonKey}` }, 401],
    ['/rest/v1/todos', { apikey: '' }, 401],
    ['/rest/v1/todos', { apikey: 'sb_publishable_abc_12345679' }, 401],
    ['/rest/v1/todos', { apikey: `${publishableKey}x` }, 401],
    ['/rest/v1/todos', { apikey: publishableKey.slice(0, -1) }, 401],
    ['/rest/v1/todos', { apikey: publishableKey }, 'pass'],
    ['/rest/v1/todos', { apikey: secretKey }, 'pass'],
    ['/rest/v1/todos', { apikey: keys.anonKey }, 'pass'],
    ['/rest/v1/todos', { apikey: keys.serviceRoleKey }, 'pass'],
    [`/rest/v1/todos?apikey=${publishableKey}`, {}, 'pass'],
    [`/rest/v1/todos?apikey=${publishableKey}`, { apikey: 'wrong' }, 401],
    ['/rest/v1/', { apikey: publishableKey }, 403],
    ['/rest/v1/', { apikey: keys.anonKey }, 403],
    ['/rest/v1/', { apikey: secretKey }, 'pass'],
    ['/rest/v1/', {}, 401],
    ['/pg/query', {}, 401],
    ['/pg/query', { apikey: publishableKey }, 403],
    ['/pg/query', { apikey: publishableKey, authorization: `Bearer ${keys.serviceRoleKey}` }, 403],
    ['/pg/query', { apikey: keys.serviceRoleKey }, 'pass'],
    ['/auth/v1/settings', {}, 401],
    ['/auth/v1/settings', { apikey: publishableKey }, 'pass'],
    ['/auth/v1/verify?token=1', {}, 'pass'],
    ['/auth/v1/.well-known/jwks.json', {}, 'pass'],
    ['/realtime/v1/websocket', {}, 401],
    [`/realtime/v1/websocket?apikey=${publishableKey}&vsn=1.0.0`, {}, 'pass'],
    ['/realtime/v1/api/tenants/x', { apikey: secretKey }, 403],
    ['/realtime/v1/api/openapi', { apikey: secretKey }, 403],
    ['/storage/v1/object/public/a', {}, 'pass'],
    ['/functions/v1/hello', {}, 'pass'],
    ['/functions/v1/hello', { apikey: 'wrong' }, 'pass'],
  ])('%s with %j: %s', (target, headers, expected) => {
    const decision = decide(target, headers);
    expect(decision).toMatchObject(expected === 'pass' ? { kind: 'pass' } : refused(expected));
  });

  it('no header matches a key that is empty', () => {
    const match = matchRoute('/rest/v1/todos');
    if (match === null) throw new Error('no route');
    const none = { ...keys, anonKey: '', serviceRoleKey: '', apiKeys: [] };
    const request = { apikey: '', authorization: undefined, query: 'apikey=' };
    expect(decideKey(match.route, request, none)).toMatchObject(refused(401));
    expect(decideKey(match.route, { ...request, apikey: 'x' }, none)).toMatchObject(refused(401));
  });
});

describe('what the service gets of the key', () => {
  const session = 'Bearer eyJ.session.sig';

  it.each<[string, string, Parameters<typeof decide>[1], Record<string, string>, string]>([
    [
      'an opaque key becomes the JWT of its role',
      '/rest/v1/todos',
      { apikey: publishableKey },
      { apikey: keys.anonKeyAsymmetric, authorization: `Bearer ${keys.anonKeyAsymmetric}` },
      '',
    ],
    [
      'a secret key becomes the service role',
      '/rest/v1/todos',
      { apikey: secretKey, authorization: `Bearer ${secretKey}` },
      { apikey: keys.serviceRoleKeyAsymmetric, authorization: `Bearer ${keys.serviceRoleKeyAsymmetric}` },
      '',
    ],
    [
      'a session stays',
      '/rest/v1/todos',
      { apikey: publishableKey, authorization: session },
      { apikey: keys.anonKeyAsymmetric },
      '',
    ],
    [
      'a publishable key is not lifted by a secret key in the other header',
      '/rest/v1/todos',
      { apikey: publishableKey, authorization: `Bearer ${secretKey}` },
      { apikey: keys.anonKeyAsymmetric, authorization: `Bearer ${keys.anonKeyAsymmetric}` },
      '',
    ],
    [
      'a legacy key becomes the Authorization that is missing',
      '/rest/v1/todos',
      { apikey: keys.anonKey },
      { apikey: keys.anonKey, authorization: `Bearer ${keys.anonKey}` },
      '',
    ],
    [
      'a key in the query is not read as a filter',
      `/rest/v1/todos?select=*&apikey=${publishableKey}&%61pikey=x&id=eq.1`,
      {},
      { apikey: keys.anonKeyAsymmetric, authorization: `Bearer ${keys.anonKeyAsymmetric}` },
      'select=*&id=eq.1',
    ],
    [
      'a websocket gets it in the query and in x-api-key',
      `/realtime/v1/websocket?vsn=1.0.0&apikey=${publishableKey}`,
      {},
      { apikey: keys.anonKeyAsymmetric, 'x-api-key': keys.anonKeyAsymmetric },
      `vsn=1.0.0&apikey=${keys.anonKeyAsymmetric}`,
    ],
    [
      'storage gets it like the data API',
      '/storage/v1/object/a/b',
      { apikey: secretKey },
      { authorization: `Bearer ${keys.serviceRoleKeyAsymmetric}` },
      '',
    ],
    [
      'a signed S3 request keeps its signature and its query',
      '/storage/v1/s3/a?X-Amz-Signature=1',
      { apikey: secretKey, authorization: 'AWS4-HMAC-SHA256 Credential=a' },
      {},
      'X-Amz-Signature=1',
    ],
    [
      'a function gets it beside the Authorization its caller chose',
      '/functions/v1/hello?apikey=mine',
      { apikey: publishableKey, authorization: session },
      { 'sb-api-key': keys.anonKeyAsymmetric },
      'apikey=mine',
    ],
    ['a function gets no stranger’s key as its own', '/functions/v1/hello', { apikey: 'sb_secret_other' }, {}, ''],
    ['an open path is left alone', '/auth/v1/verify?token=1&apikey=x', {}, {}, 'token=1&apikey=x'],
  ])('%s', (_, target, headers, set, query) => {
    expect(decide(target, headers)).toMatchObject({ kind: 'pass', set, query });
    const decision = decide(target, headers);
    if (decision.kind === 'pass') expect(decision.set).toEqual(set);
  });

  it('a caller cannot bring the headers by which a service learns the key', () => {
    expect(decide('/functions/v1/hello')).toMatchObject({ remove: ['sb-api-key'] });
    expect(decide(`/realtime/v1/websocket?apikey=${publishableKey}`)).toMatchObject({ remove: ['x-api-key'] });
  });
});
