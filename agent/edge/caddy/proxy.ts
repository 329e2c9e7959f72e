import type { GatewayRoute } from '../../../schema/gateway-routes.ts';
import type { CaddyHandler } from './caddy-config.ts';
import { authorizationMaps, keyValues } from './key-routes.ts';
import { projectValues } from './project-tables.ts';

/** How long websockets outlive the configuration they were opened under. */
const streamCloseDelay = '24h';

/** Hands a request over to the route's service and streams the answer back. */
export function proxyTo(route: GatewayRoute, ordered: readonly string[]): CaddyHandler[] {
  const { set, remove, maps } = keyHandover(route);
  const orderedHeaders = Object.fromEntries(ordered.map((name) => [name, [projectValues.header(route.service, name)]]));
  const { checks, names } = dropEmpty(Object.entries({ ...set, ...orderedHeaders }));
  return [
    ...maps,
    ...checks,
    {
      handler: 'reverse_proxy',
      upstreams: [{ dial: projectValues.dial(route.service) }],
      stream_close_delay: streamCloseDelay,
      // An answer goes on as it comes, its head included.
      flush_interval: -1,
      transport: {
        protocol: 'http',
        versions: ['1.1'],
        // What the caller accepts is for the service to see.
        compression: false,
        // Longer than the kernel needs to say that a container's address is not there.
        dial_timeout: '5s',
        response_header_timeout: `${route.timeoutMs}ms`,
        // Shorter than any service keeps an idle connection, so that a request seldom meets one that is just closing.
        keep_alive: { idle_timeout: '4s' },
      },
      headers: {
        request: {
          set: {
            Host: [projectValues.host(route.service)],
            'X-Forwarded-For': ['{http.vars.client}'],
            'X-Forwarded-Host': ['{http.request.hostport}'],
            'X-Forwarded-Proto': ['{http.vars.scheme}'],
            'X-Forwarded-Port': ['{http.vars.port}'],
            'X-Forwarded-Prefix': [route.path],
            ...Object.fromEntries(Object.entries(route.headers).map(([name, value]) => [name, [value]])),
            ...set,
            ...orderedHeaders,
          },
          delete: ['Te', 'Via', 'Expect', ...remove, ...names],
        },
        response: { delete: route.cors && route.service !== 'functions' ? ['Access-Control-*'] : [] },
      },
    },
  ];
}

type Handover = { set: Record<string, string[]>; remove: string[]; maps: CaddyHandler[] };

/** What becomes of the key, as `decideKey` hands it over. Values that come out empty are not sent. */
function keyHandover(route: GatewayRoute): Handover {
  const token = [keyValues.token];
  switch (route.swap) {
    case 'keep':
      return { set: {}, remove: [], maps: [] };
    case 'bearer':
      return {
        set: { Apikey: token, Authorization: [keyValues.authorization] },
        remove: [],
        maps: authorizationMaps(),
      };
    case 'bearer_or_signature':
      return { set: { Authorization: [keyValues.authorizationOrSignature] }, remove: [], maps: authorizationMaps() };
    case 'websocket':
      return { set: { Apikey: token, 'X-Api-Key': token }, remove: [], maps: [] };
    case 'sb_api_key':
      return { set: { 'Sb-Api-Key': [keyValues.swapped] }, remove: [], maps: [] };
    default:
      return route.swap satisfies never;
  }
}

/** Caddy sets a header to nothing rather than not at all, so those whose value is empty are taken out again by name. */
function dropEmpty(headers: [name: string, value: string[]][]): { checks: CaddyHandler[]; names: string[] } {
  const checks = headers.map(([name, value]) => ({
    handler: 'map',
    source: value.join(''),
    destinations: [`{edge.empty.${name}}`],
    mappings: [{ input: '', outputs: [name] }],
    defaults: [''],
  }));
  return { checks, names: headers.map(([name]) => `{edge.empty.${name}}`) };
}
