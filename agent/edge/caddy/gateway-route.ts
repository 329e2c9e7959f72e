import type { GatewayRoute } from '../../../schema/gateway-routes.ts';
import { answerWith, corsHeaders, jsonAnswer } from './answers.ts';
import { type CaddyHandler, type CaddyRoute, escapeRegexp, valueIs } from './caddy-config.ts';
import { keyValues, stripQueryKey, unstrippable } from './key-routes.ts';
import { projectValues } from './project-tables.ts';
import { proxyTo } from './proxy.ts';

/** What a service gets by order of its project, by name. */
export type ServiceHeaders = Record<GatewayRoute['service'], string[]>;

/** One public path in Caddy's words: everything `decideRequest` does once it has found the route. */
export function gatewayRoute(route: GatewayRoute, headers: ServiceHeaders): CaddyRoute {
  const path = escapeRegexp(route.path);
  const rest = route.match === 'exact' ? '/?' : '(?s:/.*)?';
  return {
    match: [{ path_regexp: { pattern: `^${path}${rest}$` } }],
    handle: [{ handler: 'subroute', routes: steps(route, headers) }],
    terminal: true,
  };
}

function steps(route: GatewayRoute, headers: ServiceHeaders): CaddyRoute[] {
  return [
    { handle: [{ handler: 'vars', service: route.service, cors: route.cors ? 'yes' : 'no' }] },
    ...(route.cors ? browserSteps(route) : []),
    ...keySteps(route),
    ...presenceSteps(route),
    ...querySteps(route),
    { handle: [rewritePath(route), ...proxyTo(route, headers[route.service])] },
  ];
}

/** Preflights are answered here, and every answer may be read. Any origin may ask: keys decide. */
function browserSteps(route: GatewayRoute): CaddyRoute[] {
  return [
    {
      match: [
        {
          method: ['OPTIONS'],
          header_regexp: { Origin: { pattern: '.' }, 'Access-Control-Request-Method': { pattern: '.' } },
        },
      ],
      handle: [...preflightAnswer()],
      terminal: true,
    },
    {
      // The code of a function may name the origins it wants; every other service leaves that to the gateway.
      handle:
        route.service === 'functions' ? Object.entries(corsHeaders).map(setUnlessThere) : [answerWith(corsHeaders)],
    },
  ];
}

function preflightAnswer(): CaddyHandler[] {
  const asked = '{http.request.header.Access-Control-Request-Headers}';
  return [
    {
      handler: 'map',
      source: asked,
      destinations: ['{edge.allowed_headers}'],
      mappings: [{ input_regexp: '(?s)^.+$', outputs: ['$0'] }],
      defaults: ['*'],
    },
    {
      handler: 'static_response',
      status_code: 204,
      headers: {
        'Access-Control-Allow-Origin': ['*'],
        'Access-Control-Allow-Methods': ['GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS'],
        // `*` would leave out Authorization, so what is asked for is named.
        'Access-Control-Allow-Headers': ['{edge.allowed_headers}'],
        'Access-Control-Max-Age': ['3600'],
        Vary: ['Access-Control-Request-Headers'],
      },
    },
  ];
}

function setUnlessThere([name, value]: [string, string[]]): CaddyHandler {
  return { handler: 'headers', response: { set: { [name]: value }, require: { headers: { [name]: null } } } };
}

function keySteps(route: GatewayRoute): CaddyRoute[] {
  if (route.key === 'forbidden') return [refuse([], 403, 'Access is forbidden.')];
  if (route.key === 'none') return [];
  return [
    refuse(
      [valueIs(keyValues.presented, '')],
      401,
      'No API key found in request',
      'Send a key of this project as the `apikey` header.',
    ),
    refuse(
      [valueIs(keyValues.role, '')],
      401,
      'Invalid API key',
      'Compare it with the API keys in the settings of this project.',
    ),
    ...(route.key === 'secret'
      ? [
          refuse(
            [{ not: [valueIs(keyValues.role, 'service_role')] }],
            403,
            'This path needs a secret key',
            'Use a secret or service_role key, and only on a server.',
          ),
        ]
      : []),
  ];
}

const isWebsocket = {
  header_regexp: {
    Connection: { pattern: '(?i)(?:^|[\\s,])upgrade(?:$|[\\s,])' },
    Upgrade: { pattern: '(?i)^websocket$' },
  },
};

function presenceSteps(route: GatewayRoute): CaddyRoute[] {
  const absent = `The ${route.service} service does not run in this project.`;
  return [
    refuse([valueIs(projectValues.dial(route.service), '')], 501, absent, 'The profile of this project is without it.'),
    ...(route.websocket ? [] : [refuse([isWebsocket], 400, 'This path does not speak that protocol.')]),
    // Of the protocols a caller may ask for, websockets are the one that is passed on.
    { match: [{ not: [isWebsocket] }], handle: [{ handler: 'headers', request: { delete: ['Upgrade'] } }] },
  ];
}

/** PostgREST would read `?apikey=` as a filter; a websocket needs it, with the JWT in place of the key. */
function querySteps(route: GatewayRoute): CaddyRoute[] {
  if (route.swap !== 'bearer' && route.swap !== 'websocket') return [];
  return [
    refuse([...unstrippable], 400, 'The query of this request cannot be read safely.'),
    ...(route.swap === 'websocket' ? [{ handle: [{ handler: 'vars', query: '{http.request.uri.query}' }] }] : []),
    ...stripQueryKey(),
    ...(route.swap === 'websocket' ? [appendToken()] : []),
  ];
}

function appendToken(): CaddyRoute {
  return {
    match: [{ not: [{ vars: { '{http.vars.query}': ['{http.request.uri.query}'] } }] }],
    handle: [{ handler: 'rewrite', uri: `?{http.request.uri.query}&apikey=${keyValues.token}` }],
  };
}

function rewritePath(route: GatewayRoute): CaddyHandler {
  const find = `^${escapeRegexp(route.path)}${route.rewrite === '' ? '/?' : ''}`;
  return { handler: 'rewrite', path_regexp: [{ find, replace: route.rewrite === '' ? '/' : route.rewrite }] };
}

function refuse(match: CaddyRoute['match'] & object, status: number, message: string, hint?: string): CaddyRoute {
  const body = hint === undefined ? { message } : { message, hint };
  return { ...(match.length > 0 ? { match } : {}), handle: [jsonAnswer(status, body)], terminal: true };
}
