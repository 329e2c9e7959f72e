/** The parts of a stack that answer behind the gateway. GraphQL is answered by `rest`. */
export type GatewayService = 'auth' | 'rest' | 'realtime' | 'storage' | 'functions' | 'pg_meta';

/**
 * Who may pass: anyone, the holder of any key of the project, the holder of a key with the service role, or nobody
 * (a path of the service that is not for the public).
 */
export type KeyCheck = 'none' | 'apikey' | 'secret' | 'forbidden';

/**
 * What becomes of the key on its way to the service:
 * - `keep`: headers and query go on untouched;
 * - `bearer`: the key's JWT becomes the Authorization header unless the caller sent a session of his own; `?apikey=`
 *   is taken out, since PostgREST would read it as a filter;
 * - `bearer_or_signature`: the same, but a signed S3 request keeps its signature and the query is not touched;
 * - `websocket`: browsers cannot set headers there, so the JWT goes into `?apikey=` and `x-api-key`;
 * - `sb_api_key`: Authorization belongs to the user's code, the JWT goes into `sb-api-key`.
 */
export type KeySwap = 'keep' | 'bearer' | 'bearer_or_signature' | 'websocket' | 'sb_api_key';

/** One public path. Pure data: the embedded gateway interprets it, and a Caddy configuration can be made from it. */
export type GatewayRoute = {
  name: string;
  /** without a trailing slash */
  path: string;
  /** `exact`: this path, with or without a trailing slash; `prefix`: also everything below its slash */
  match: 'exact' | 'prefix';
  service: GatewayService;
  /** what `path` is replaced by before the request goes to the service; `''` strips it */
  rewrite: string;
  key: KeyCheck;
  swap: KeySwap;
  websocket: boolean;
  /** whether browsers may call it: the gateway then answers preflights and adds the headers */
  cors: boolean;
  /** how long the service may stay silent */
  timeoutMs: number;
  /** headers every request to the service gets, whatever the caller sent */
  headers: Readonly<Record<string, string>>;
};

/** Supabase's public paths. The first route that matches counts, so the narrow ones stand above the wide ones. */
export const gatewayRoutes: readonly GatewayRoute[] = [
  openAuth('auth-verify', '/auth/v1/verify', '/verify'),
  openAuth('auth-callback', '/auth/v1/callback', '/callback'),
  openAuth('auth-authorize', '/auth/v1/authorize', '/authorize'),
  openAuth('auth-jwks', '/auth/v1/.well-known/jwks.json', '/.well-known/jwks.json'),
  openAuth('auth-openid', '/auth/v1/.well-known/openid-configuration', '/.well-known/openid-configuration'),
  openAuth('auth-sso-acs', '/auth/v1/sso/saml/acs', '/sso/saml/acs'),
  openAuth('auth-sso-metadata', '/auth/v1/sso/saml/metadata', '/sso/saml/metadata'),
  openAuth('auth-sso-acs-old', '/sso/saml/acs', '/sso/saml/acs'),
  openAuth('auth-sso-metadata-old', '/sso/saml/metadata', '/sso/saml/metadata'),
  openAuth('auth-oauth-server', '/.well-known/oauth-authorization-server', '/.well-known/oauth-authorization-server'),
  route({ name: 'auth', path: '/auth/v1', service: 'auth' }),
  // The description of the whole schema is for the owner of the project only.
  route({ name: 'rest-openapi', path: '/rest/v1', match: 'exact', service: 'rest', key: 'secret' }),
  route({ name: 'rest', path: '/rest/v1', service: 'rest' }),
  route({
    name: 'graphql',
    path: '/graphql/v1',
    service: 'rest',
    rewrite: '/rpc/graphql',
    headers: { 'content-profile': 'graphql_public' },
  }),
  realtimeApi('realtime-openapi', '/openapi', 'forbidden'),
  realtimeApi('realtime-tenants', '/tenants', 'forbidden'),
  realtimeApi('realtime-api', '', 'apikey'),
  route({
    name: 'realtime',
    path: '/realtime/v1',
    service: 'realtime',
    rewrite: '/socket',
    swap: 'websocket',
    websocket: true,
  }),
  route({
    name: 'storage',
    path: '/storage/v1',
    service: 'storage',
    key: 'none',
    swap: 'bearer_or_signature',
    timeoutMs: 120_000,
  }),
  route({
    name: 'functions',
    path: '/functions/v1',
    service: 'functions',
    key: 'none',
    swap: 'sb_api_key',
    websocket: true,
    timeoutMs: 150_000,
  }),
  route({ name: 'pg-meta', path: '/pg', service: 'pg_meta', key: 'secret', cors: false, timeoutMs: 150_000 }),
];

/**
 * Finds the route of a path that `normalizeTarget` has made, and the path the service gets; null when no route has it.
 */
export function matchRoute(path: string): { route: GatewayRoute; upstreamPath: string } | null {
  for (const candidate of gatewayRoutes) {
    const rest = restOfPath(candidate, path);
    if (rest !== null) return { route: candidate, upstreamPath: `${candidate.rewrite}${rest}` || '/' };
  }
  return null;
}

function restOfPath(candidate: GatewayRoute, path: string): string | null {
  if (!path.startsWith(candidate.path)) return null;
  const rest = path.slice(candidate.path.length);
  if (rest === '' || rest === '/') return rest;
  return candidate.match === 'prefix' && rest.startsWith('/') ? rest : null;
}

function route(given: Pick<GatewayRoute, 'name' | 'path' | 'service'> & Partial<GatewayRoute>): GatewayRoute {
  return {
    match: 'prefix',
    rewrite: '',
    key: 'apikey',
    swap: 'bearer',
    websocket: false,
    cors: true,
    timeoutMs: 60_000,
    headers: {},
    ...given,
  };
}

/** Paths that a browser or an identity provider opens by a link, which cannot carry a key. */
function openAuth(name: string, path: string, rewrite: string): GatewayRoute {
  return route({ name, path, rewrite, service: 'auth', key: 'none', swap: 'keep' });
}

function realtimeApi(name: string, path: string, key: KeyCheck): GatewayRoute {
  return route({ name, path: `/realtime/v1/api${path}`, service: 'realtime', rewrite: `/api${path}`, key });
}
