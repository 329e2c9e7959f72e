import type { GatewayRoute } from './gateway-routes.ts';
import type { StackSecrets } from './stack-spec.ts';

/** The keys of a project as its gateway needs them. */
export type GatewayKeys = Pick<
  StackSecrets,
  'anonKey' | 'serviceRoleKey' | 'anonKeyAsymmetric' | 'serviceRoleKeyAsymmetric' | 'apiKeys'
>;

/** What of a request decides: two headers, and the query without its question mark. */
export type KeyRequest = { apikey: string | undefined; authorization: string | undefined; query: string };

export type KeyDecision =
  | { kind: 'pass'; set: Record<string, string>; remove: string[]; query: string }
  | { kind: 'refuse'; status: 401 | 403; body: { message: string; hint?: string } };

/**
 * Decides whether a request may pass a route, and how the key it carries is handed to the service. A key counts from
 * the `apikey` header, else from `?apikey=`; it is compared, never parsed.
 */
export function decideKey(route: GatewayRoute, request: KeyRequest, keys: GatewayKeys): KeyDecision {
  if (route.key === 'forbidden') return refuse(403, 'Access is forbidden.');
  const presented = request.apikey || apikeyOfQuery(request.query);
  const known = presented === undefined ? null : knownKey(presented, keys);

  if (route.key !== 'none') {
    if (presented === undefined) {
      return refuse(401, 'No API key found in request', 'Send a key of this project as the `apikey` header.');
    }
    if (known === null) {
      return refuse(401, 'Invalid API key', 'Compare it with the API keys in the settings of this project.');
    }
    if (route.key === 'secret' && known.role !== 'service_role') {
      return refuse(403, 'This path needs a secret key', 'Use a secret or service_role key, and only on a server.');
    }
  }
  return handOver(route, request, known?.jwt ?? presented);
}

/** `token` is the JWT of a known key, else whatever was presented, else undefined. */
function handOver(route: GatewayRoute, request: KeyRequest, token: string | undefined): KeyDecision {
  const { query } = request;
  const apikey = token === undefined ? {} : { apikey: token };
  switch (route.swap) {
    case 'keep':
      return { kind: 'pass', set: {}, remove: [], query };
    case 'bearer':
      return {
        kind: 'pass',
        set: { ...apikey, ...bearer(request, token) },
        remove: [],
        query: withApikey(query, null),
      };
    case 'bearer_or_signature': {
      const signed = /^AWS4-HMAC-SHA256 /i.test(request.authorization ?? '');
      return { kind: 'pass', set: signed ? {} : bearer(request, token), remove: [], query };
    }
    case 'websocket': {
      const set = token === undefined ? {} : { apikey: token, 'x-api-key': token };
      return { kind: 'pass', set, remove: ['x-api-key'], query: withApikey(query, token ?? null) };
    }
    case 'sb_api_key': {
      const swapped = token !== undefined && token !== (request.apikey || apikeyOfQuery(query));
      return { kind: 'pass', set: swapped ? { 'sb-api-key': token } : {}, remove: ['sb-api-key'], query };
    }
    default:
      return route.swap satisfies never;
  }
}

/** A session is any bearer token that is not itself an opaque key; whether it is good is for the service to say. */
function bearer(request: KeyRequest, token: string | undefined): Record<string, string> {
  const hasSession = /^Bearer +(?!sb_)\S/i.test(request.authorization ?? '');
  return hasSession || token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Every key is compared with the presented one, whichever matches, so time says nothing about which came close. */
function knownKey(presented: string, keys: GatewayKeys): { role: 'anon' | 'service_role'; jwt: string } | null {
  const candidates = [
    { key: keys.anonKey, role: 'anon' as const, jwt: keys.anonKey },
    { key: keys.anonKeyAsymmetric, role: 'anon' as const, jwt: keys.anonKeyAsymmetric },
    { key: keys.serviceRoleKey, role: 'service_role' as const, jwt: keys.serviceRoleKey },
    { key: keys.serviceRoleKeyAsymmetric, role: 'service_role' as const, jwt: keys.serviceRoleKeyAsymmetric },
    ...keys.apiKeys.map(({ key, type }) =>
      type === 'secret'
        ? { key, role: 'service_role' as const, jwt: keys.serviceRoleKeyAsymmetric }
        : { key, role: 'anon' as const, jwt: keys.anonKeyAsymmetric },
    ),
  ];
  let found: { role: 'anon' | 'service_role'; jwt: string } | null = null;
  for (const { key, role, jwt } of candidates) {
    if (equalInConstantTime(presented, key)) found = { role, jwt };
  }
  return found;
}

function equalInConstantTime(presented: string, key: string): boolean {
  let difference = presented.length ^ key.length;
  for (let index = 0; index < presented.length; index++) {
    difference |= presented.charCodeAt(index) ^ key.charCodeAt(index % (key.length || 1));
  }
  return difference === 0 && key.length > 0;
}

function apikeyOfQuery(query: string): string | undefined {
  return parameters(query)
    .getAll('apikey')
    .find((value) => value !== '');
}

/** Replaces every `apikey` of a query, however its name is written, or takes it out; the rest stays byte for byte. */
function withApikey(query: string, token: string | null): string {
  if (!parameters(query).has('apikey')) return query;
  const others = query.split('&').filter((part) => !parameters(part).has('apikey'));
  return (token === null ? others : [...others, `apikey=${encodeURIComponent(token)}`]).join('&');
}

/** The leading ampersand keeps a question mark that is part of the first name from being taken off. */
function parameters(query: string): URLSearchParams {
  return new URLSearchParams(`&${query}`);
}

function refuse(status: 401 | 403, message: string, hint?: string): KeyDecision {
  return { kind: 'refuse', status, body: hint === undefined ? { message } : { message, hint } };
}
