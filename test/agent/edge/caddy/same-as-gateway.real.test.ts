import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, openGateway } from '../../../../agent/edge/gateway.ts';
import { systemClock } from '../../../../agent/system.ts';
import { portBlock } from '../../../support/port-block.ts';
import { propertyRuns } from '../../../support/property-runs.ts';
import { gatewayConfig, keys, publishableKey, recordingLog, secretKey } from '../gateway-fixture.ts';
import { caddyPath, type RunningCaddy, startCaddy } from './caddy.ts';
import { edgeProject, type RawRequest, type Seen, type Service, send, startService } from './edge-fixture.ts';

/**
 * Caddy and the Node gateway in front of one service: what callers hear and what the service gets must be the same.
 * Differences that are allowed, and why:
 *
 * - `Host`: Caddy passes the caller's on, as hosts run upstream's services by names; the Node gateway names the address.
 * - postgres-meta's connection: each gateway has its own header for it.
 * - Go writes `!'()*` of a path as escapes, and everything that has no place in one; a service reads the same from both.
 * - `OPTIONS *` and what Go's parser refuses never reach a route: 200 and a plain 400.
 * - several `Authorization` headers: Node keeps the first, Caddy joins them, so that no service takes one for a session.
 * - what `decideKey` reads from a query with broken escapes or a quantity of keys is read more strictly here (400, 401).
 * - an answer without a content type gets one from Go.
 * - a path that has `apikey=` in it as well as the query is a 400.
 * - a header that is empty may be left out.
 * - empty members of a websocket's query are left out.
 * - a host in the request line counts before `Host`, as RFC 9112 wants it.
 * - a question mark with nothing behind it goes on to the service.
 */

let service: Service;
let gateway: Gateway;
let caddy: RunningCaddy;
let ports: { caddy: number; node: number };

beforeAll(async () => {
  if (caddyPath === null) return;
  service = await startService();
  const first = await portBlock();
  ports = { caddy: first, node: first + 2 };
  const upstream = { host: service.host, port: service.port };
  gateway = await openGateway(
    gatewayConfig(ports.node, {
      auth: upstream,
      rest: upstream,
      realtime: upstream,
      storage: upstream,
      functions: upstream,
      pg_meta: upstream,
    }),
    { log: recordingLog(), clock: systemClock },
  );
  caddy = await startCaddy({ kind: 'ports', address: '127.0.0.1' });
  await caddy.serve([edgeProject('abcdefghijklmnopqrst', ports.caddy, upstream)]);
});
afterAll(async () => {
  await gateway?.close();
  await caddy?.stop();
  await service?.close();
});

const hops = ['connection', 'host', 'pg', 'x-connection-encrypted', 'keep-alive'];

type Outcome = { status: number; body: string; headers: Record<string, unknown>; seen: unknown };

async function outcome(port: number, request: RawRequest): Promise<Outcome> {
  service.seen.length = 0;
  const { status, body, headers } = await send(port, request);
  const shown = Object.entries(headers).filter(([name]) => /^(access-control-|vary$|content-type$)/.test(name));
  return { status, body: withoutHint(body), headers: Object.fromEntries(shown), seen: service.seen.map(comparable) };
}

function comparable({ method, url, headers, body }: Seen): unknown {
  const kept = Object.entries(headers).filter(([name, value]) => !hops.includes(name) && value !== '');
  const port = (value: unknown) => (typeof value === 'string' ? value.replace(/\b1\d{4}\b/, 'PORT') : value);
  return {
    method,
    url: sameSpelling(url),
    headers: Object.fromEntries(kept.map(([name, value]) => [name, port(value)])),
    body,
  };
}

/** A path that Go spells in its own way is compared by what it means, a websocket's query by its members. */
function sameSpelling(url: string): string {
  const [path = '', ...rest] = url.replace(/\?$/, '').split('?');
  const query = rest.join('?');
  const isRespelt = /[^\w.~$&+,;=:@%/-]|%(?:2[12789A]|3[CE]|5[BDE]|60|7[BCD])/.test(path);
  const isWebsocket = path.startsWith('/socket');
  const members = isWebsocket ? query.split('&').filter((member) => member !== '') : [query];
  return [isRespelt ? decodeURIComponent(path) : path, ...members].join('?');
}

function withoutHint(body: string): string {
  return body.replace(/,"hint":"The (?:embedded|profile)[^"]*"/, '');
}

async function expectSame(request: RawRequest): Promise<Outcome> {
  const [node, edge] = [await outcome(ports.node, request), await outcome(ports.caddy, request)];
  expect(edge, JSON.stringify(request)).toEqual(node);
  return edge;
}

const key: [string, string] = ['apikey', publishableKey];
const secret: [string, string] = ['apikey', secretKey];
const preflight: [string, string][] = [
  ['origin', 'https://app.example'],
  ['access-control-request-method', 'POST'],
];
const session: [string, string] = ['authorization', 'Bearer eyJ.session.sig'];
const post = { method: 'POST', body: '{"a":1}' };

describe.skipIf(caddyPath === null)('the edge of a Docker host behaves as the gateway of the embedded runtime', () => {
  it.each<[string, Partial<RawRequest>]>([
    ['no path', {}],
    ['an unknown path', { target: '/nowhere', headers: [key] }],
    ['a table with a publishable key', { target: '/rest/v1/todos?select=*', headers: [key] }],
    ['a table with the legacy key', { target: '/rest/v1/todos', headers: [['apikey', keys.anonKey]] }],
    ['a table with the asymmetric key', { target: '/rest/v1/todos', headers: [['apikey', keys.anonKeyAsymmetric]] }],
    ['a table without a key', { target: '/rest/v1/todos' }],
    ['a wrong key', { target: '/rest/v1/todos', headers: [['apikey', 'sb_publishable_wrong']] }],
    ['an empty key', { target: '/rest/v1/todos', headers: [['apikey', '']] }],
    [
      'an empty key header and one in the query',
      { target: `/rest/v1/todos?apikey=${secretKey}`, headers: [['apikey', '']] },
    ],
    ['a key twice', { target: '/rest/v1/todos', headers: [key, key] }],
    ['a key in the query', { target: `/rest/v1/todos?select=*&apikey=${publishableKey}&id=eq.1` }],
    [
      'a key in the query between broken escapes',
      { target: `/rest/v1/todos?a=100%&apikey=${publishableKey}&b=1;2&c={x}` },
    ],
    ['a key with escapes', { target: `/rest/v1/todos?apikey=sb%5Fpublishable_abc_12345678&id=eq.1` }],
    ['a key under an escaped name', { target: `/rest/v1/todos?%61pikey=${publishableKey}&id=eq.1` }],
    ['two keys in the query', { target: `/rest/v1/todos?apikey=${publishableKey}&a=1&apikey=${secretKey}` }],
    ['an empty and a good key in the query', { target: `/rest/v1/todos?apikey=&a=1&apikey=${secretKey}` }],
    [
      'a wrong header before a good query',
      { target: `/rest/v1/todos?apikey=${secretKey}`, headers: [['apikey', 'x']] },
    ],
    ['a query of ampersands', { target: `/rest/v1/todos?&&a=1&&apikey=${publishableKey}&`, headers: [] }],
    ['the OpenAPI description, publishable', { target: '/rest/v1/', headers: [key] }],
    ['the OpenAPI description, secret', { target: '/rest/v1', headers: [secret] }],
    ['a session', { target: '/rest/v1/todos', headers: [key, session] }],
    ['the key as bearer', { target: '/rest/v1/todos', headers: [key, ['authorization', `Bearer ${publishableKey}`]] }],
    [
      'the legacy key as bearer',
      { target: '/rest/v1/todos', headers: [key, ['authorization', `bearer ${keys.anonKey}`]] },
    ],
    ['a basic login', { target: '/rest/v1/todos', headers: [key, ['authorization', 'Basic YTpi']] }],
    ['an empty bearer', { target: '/rest/v1/todos', headers: [key, ['authorization', 'Bearer ']] }],
    ['GraphQL', { ...post, target: '/graphql/v1', headers: [key, ['content-profile', 'auth']] }],
    ['another case', { target: '/REST/v1/todos', headers: [key] }],
    ['auth without a key', { target: '/auth/v1/settings' }],
    ['auth with a key', { target: '/auth/v1/settings', headers: [key] }],
    ['an open path of auth', { target: '/auth/v1/verify?token=t&apikey=x' }],
    ['a callback', { target: '/auth/v1/callback?code=c', headers: [session] }],
    ['well-known', { target: '/auth/v1/.well-known/jwks.json' }],
    ['SAML', { ...post, target: '/sso/saml/acs' }],
    ['storage without a key', { target: '/storage/v1/object/public/a/b' }],
    ['storage with a key', { ...post, target: '/storage/v1/object/a/b%20c', headers: [secret] }],
    ['storage with an unknown key', { target: '/storage/v1/object/a', headers: [['apikey', 'user-jwt']] }],
    [
      'storage with an opaque bearer',
      { target: '/storage/v1/object/a', headers: [['authorization', `Bearer ${secretKey}`]] },
    ],
    [
      'S3',
      {
        target: '/storage/v1/s3/b?x=1',
        headers: [key, ['authorization', 'AWS4-HMAC-SHA256 Credential=a, Signature=b']],
      },
    ],
    ['a function', { ...post, target: '/functions/v1/hello' }],
    ['a function with a key', { ...post, target: '/functions/v1/hello?apikey=x', headers: [secret] }],
    ['a function with the legacy key', { target: '/functions/v1/hello', headers: [['apikey', keys.anonKey]] }],
    [
      'a function with a foreign key',
      {
        target: '/functions/v1/hello',
        headers: [
          ['apikey', 'other'],
          ['sb-api-key', 'forged'],
        ],
      },
    ],
    ['postgres-meta, publishable', { ...post, target: '/pg/query', headers: [key] }],
    ['postgres-meta, secret', { ...post, target: '/pg/query', headers: [secret] }],
    ['realtime over HTTP', { ...post, target: '/realtime/v1/api/broadcast', headers: [key] }],
    ['realtime’s administration', { target: '/realtime/v1/api/tenants/x', headers: [secret] }],
    ['realtime without an upgrade', { target: `/realtime/v1/websocket?apikey=${publishableKey}&vsn=1.0.0` }],
    ['realtime, key in the header only', { target: '/realtime/v1/websocket?vsn=1.0.0', headers: [key] }],
    ['a preflight', { method: 'OPTIONS', target: '/rest/v1/todos', headers: preflight }],
    [
      'a preflight that asks for headers',
      {
        method: 'OPTIONS',
        target: '/functions/v1/x',
        headers: [...preflight, ['access-control-request-headers', 'apikey,authorization']],
      },
    ],
    ['a preflight of postgres-meta', { method: 'OPTIONS', target: '/pg/query', headers: preflight }],
    ['an OPTIONS that is none', { method: 'OPTIONS', target: '/rest/v1/todos', headers: [key] }],
    ['a preflight that is forbidden', { method: 'OPTIONS', target: '/realtime/v1/api/openapi', headers: preflight }],
    ['dot segments', { target: '/functions/v1/../../pg/query', headers: [secret] }],
    ['escaped dot segments', { target: '/functions/v1/%2e%2e/%2E./pg/query', headers: [key] }],
    ['a dot segment at the end', { target: '/rest/v1/a/..', headers: [key] }],
    ['a dot at the end', { target: '/storage/v1/object/.', headers: [key] }],
    ['repeated slashes', { target: '//rest///v1//todos', headers: [key] }],
    ['an authority in the path', { target: '//x:y/rest/v1/todos', headers: [key] }],
    ['an escaped slash', { target: '/functions/v1/..%2f..%2fpg/query', headers: [secret] }],
    ['an escaped backslash', { target: '/functions/v1/..%5cpg', headers: [secret] }],
    ['a backslash', { target: '/functions/v1/..\\pg', headers: [secret] }],
    ['a NUL', { target: '/rest/v1/a%00', headers: [key] }],
    ['a fragment', { target: '/rest/v1/a#b', headers: [key] }],
    ['escapes of plain letters', { target: '/%72est/v%31/%54odos', headers: [key] }],
    ['escapes that stay', { target: "/rest/v1/a%3fb%c3%a9%28c%29(d)'e!*", headers: [key] }],
    ['a double escape', { target: '/rest/v1/a%252e%252e%2fb'.replace('%2fb', ''), headers: [key] }],
    ['an origin in the request line', { target: 'http://edge.test/rest/v1/a', headers: [key] }],
    [
      'placeholders of Caddy',
      { target: '/rest/v1/{env.PATH}?a={http.vars.token}', headers: [key, ['x-a', '{env.HOME}']] },
    ],
    ['a placeholder as key', { target: '/rest/v1/a', headers: [['apikey', '{http.vars.ref}']] }],
    ['a path that looks like the query', { target: `/rest/v1/a/apikey?apikey=${publishableKey}`, headers: [] }],
    [
      'forged forwarding',
      {
        target: '/rest/v1/a',
        headers: [
          key,
          ['x-forwarded-for', '6.6.6.6'],
          ['x-real-ip', '6.6.6.6'],
          ['forwarded', 'for=6'],
          ['x-forwarded-evil', '1'],
          ['x-connection-encrypted', 'evil'],
          ['pg', 'evil'],
        ],
      },
    ],
    [
      'hop headers',
      {
        target: '/rest/v1/a',
        headers: [
          key,
          ['connection', 'close, x-hop'],
          ['x-hop', '1'],
          ['te', 'trailers'],
          ['proxy-authorization', 'a'],
          ['keep-alive', '5'],
        ],
      },
    ],
    [
      'a key named as a hop header',
      { target: '/rest/v1/a', headers: [key, ['connection', 'close, apikey, authorization']] },
    ],
    [
      'an upgrade to HTTP/2',
      {
        target: '/rest/v1/a',
        headers: [key, ['connection', 'Upgrade, HTTP2-Settings'], ['upgrade', 'h2c'], ['http2-settings', 'x']],
      },
    ],
    [
      'a websocket where there is none',
      { target: '/rest/v1/a', headers: [key, ['connection', 'Upgrade'], ['upgrade', 'websocket']] },
    ],
    ['cookies', { target: '/rest/v1/a', headers: [key, ['cookie', 'a=1; b=2']] }],
    ['HEAD', { method: 'HEAD', target: '/rest/v1/a', headers: [key] }],
    ['DELETE with a body', { method: 'DELETE', target: '/rest/v1/a', headers: [key], body: 'x' }],
    ['another method', { method: 'REPORT', target: '/rest/v1/a', headers: [key] }],
  ])('%s', async (_, request) => {
    await expectSame({ method: 'GET', target: '/', headers: [], body: '', ...request });
  });

  it('whatever comes', async () => {
    let forwarded = 0;
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        const { seen } = await expectSame(request);
        if (JSON.stringify(seen) !== '[]') forwarded += 1;
      }),
      { numRuns: propertyRuns(400) },
    );
    expect(forwarded).toBeGreaterThan(20);
  });
});

const anyKey = fc.constantFrom(
  publishableKey,
  secretKey,
  keys.anonKey,
  keys.serviceRoleKey,
  keys.anonKeyAsymmetric,
  keys.serviceRoleKeyAsymmetric,
  '',
  'wrong',
  `${publishableKey}x`,
  'sb_secret_abc',
);
const prefix = fc.constantFrom(
  '/rest/v1',
  '/rest/v1/',
  '/graphql/v1',
  '/auth/v1',
  '/auth/v1/verify',
  '/auth/v1/callback',
  '/realtime/v1',
  '/realtime/v1/api',
  '/realtime/v1/api/tenants',
  '/storage/v1',
  '/functions/v1',
  '/pg',
  '/sso/saml/acs',
  '/.well-known/oauth-authorization-server',
  '',
  '/',
);
const piece = fc.constantFrom(
  '/a',
  '/b',
  '/.',
  '/..',
  '//',
  '/',
  '%2e',
  '%2E%2e',
  '%41',
  '%7e',
  '%2f',
  '%5C',
  '%20',
  '%c3%a9',
  '%25',
  '%3f',
  "'",
  '(',
  ')',
  '!',
  '*',
  ',',
  ';',
  ':',
  '@',
  '$',
  '&',
  '=',
  '+',
  '{',
  '}',
  '|',
  '"',
  '<',
  '[',
  ']',
  '^',
  '`',
  '~',
  '-',
  '_',
  'Z',
  '9',
  'rest',
  'v1',
  '/pg',
  'apikey',
  '/{env.PATH}',
);
const part = fc.oneof(
  fc.constantFrom(
    '',
    'select=*',
    'id=eq.1',
    'a=%20b',
    'a=b;c',
    'a',
    '=',
    'a==b',
    'or=(a.eq.1,b.eq.2)',
    'x={y}',
    'token=t',
    'A=%zz',
    '?',
    'a=b?c',
    'apikeys=1',
    'xapikey=2',
  ),
  anyKey.filter((one) => one !== '').map((value) => `apikey=${value}`),
);
const anyQuery = fc
  .array(part, { maxLength: 4 })
  .filter((parts) => parts.filter((one) => one.startsWith('apikey=')).length <= 3)
  .map((parts) => parts.join('&'));
const header: fc.Arbitrary<[string, string]> = fc.oneof(
  anyKey.map((value): [string, string] => ['apikey', value]),
  fc
    .oneof(
      anyKey.map((value) => `Bearer ${value}`),
      fc.constantFrom(
        'Bearer eyJ.session.sig',
        'bearer  eyJ.x',
        'Bearer  sb_x',
        'Bearer s',
        'Bearer sbx',
        'Basic YTpi',
        'AWS4-HMAC-SHA256 Credential=x',
        'Bearer',
        '',
      ),
    )
    .map((value): [string, string] => ['authorization', value]),
  fc.constantFrom<[string, string]>(
    ['origin', 'https://app.example'],
    ['origin', ''],
    ['access-control-request-method', 'GET'],
    ['access-control-request-headers', 'x-a'],
    ['cookie', 'sb=1'],
    ['x-api-key', 'forged'],
    ['sb-api-key', 'forged'],
    ['x-connection-encrypted', 'forged'],
    ['pg', 'forged'],
    ['x-forwarded-host', 'forged'],
    ['x-forwarded-proto', 'https'],
    ['prefer', 'count=exact'],
    ['content-profile', 'p'],
    ['x-a', '{env.HOME}'],
  ),
);
const anyRequest: fc.Arbitrary<RawRequest> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
    target: fc
      .tuple(prefix, fc.array(piece, { maxLength: 4 }), fc.option(anyQuery, { nil: null }))
      .map(([start, pieces, query]) => {
        const path = `${start}${pieces.join('')}`;
        return `${path.startsWith('/') ? path : `/${path}`}${query === null ? '' : `?${query}`}`;
      }),
    headers: fc.uniqueArray(header, { maxLength: 5, selector: ([name]) => name }),
    body: fc.constantFrom('', '', '{"a":1}'),
  })
  .filter(({ target }) => !/apikey=.*\?.*apikey=/.test(target));
