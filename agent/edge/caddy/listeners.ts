import { isIPv6 } from 'node:net';
import { jsonAnswer } from './answers.ts';
import type { CaddyConfig, CaddyHandler, CaddyRoute, CaddyServer } from './caddy-config.ts';
import type { EdgeOptions } from './edge-options.ts';
import type { EdgeProject } from './edge-project.ts';
import { table } from './project-tables.ts';

type Shared = { routes: CaddyRoute[]; errors: { routes: CaddyRoute[] } };

const limits = {
  read_header_timeout: '10s',
  // A whole upload; what is on its way back takes as long as it takes.
  read_timeout: '1h',
  idle_timeout: '65s',
  // Go adds 4 KB: 32 KB in all, as the Node gateway takes.
  max_header_bytes: 28 * 1024,
  automatic_https: { disable: true },
  logs: {},
};

/** The listeners of a host: one for clients, and one in each project's network for its own containers. */
export function edgeServers(
  projects: readonly EdgeProject[],
  options: EdgeOptions,
  shared: Shared,
): Record<string, CaddyServer> {
  const servers: Record<string, CaddyServer> = {};
  const internal = projects.filter(({ state }) => state === 'serving').map(internalListener);
  if (internal.length > 0) {
    const byAddress = refBy('{http.request.local}', internal);
    servers.internal = plainServer(internal, [{ handle: [...direct(), forget, ...byAddress] }], shared);
  }
  if (options.edge.kind === 'names') return { ...servers, ...namedServers(options, options.edge, shared) };
  const { address } = options.edge;
  const ports = projects.map(({ ref, port }) => ({ ref, listen: joinAddress(address, port), match: String(port) }));
  if (ports.length > 0) {
    const byPort = refBy('{http.request.local.port}', ports);
    servers.ports = plainServer(ports, [{ handle: [...direct(), forget, ...byPort] }], shared);
  }
  return servers;
}

type Listener = { ref: string; listen: string; match: string };

function internalListener({ ref, internal: { address, port } }: EdgeProject): Listener {
  return { ref, listen: joinAddress(address, port), match: joinAddress(address, port) };
}

function plainServer(listeners: readonly Listener[], first: CaddyRoute[], shared: Shared): CaddyServer {
  return {
    listen: listeners.map(({ listen }) => listen),
    protocols: ['h1'],
    ...limits,
    routes: [...quiet, ...first, ...shared.routes],
    errors: shared.errors,
  };
}

function namedServers(
  { projectHost }: EdgeOptions,
  edge: Extract<EdgeOptions['edge'], { kind: 'names' }>,
  shared: Shared,
): Record<string, CaddyServer> {
  const host = projectHost.toLowerCase();
  const label = `{http.request.host.labels.${host.split('.').length}}`;
  const isTls = edge.certificates !== null;
  const known: CaddyRoute = {
    match: [{ host: [`*.${host}`] }],
    handle: [forget, { handler: 'vars', ref: label }],
  };
  const main: CaddyServer = {
    listen: [`:${edge.port}`],
    protocols: isTls ? ['h1', 'h2'] : ['h1'],
    ...limits,
    ...(isTls ? { tls_connection_policies: [{}], strict_sni_host: true } : {}),
    ...(isTls ? {} : { trusted_proxies: { source: 'static', ranges: privateRanges } }),
    routes: [...quiet, ...(isTls ? [{ handle: direct() }] : behindTls()), known, ...shared.routes],
    errors: shared.errors,
  };
  if (!isTls || edge.httpPort === null) return { names: main };
  const port = edge.port === 443 ? '' : `:${edge.port}`;
  const redirect: CaddyRoute = {
    match: [{ host: [`*.${host}`] }],
    handle: [
      {
        handler: 'static_response',
        status_code: 308,
        headers: { Location: [`https://{http.request.host}${port}{http.request.uri}`] },
      },
    ],
    terminal: true,
  };
  const unknown: CaddyRoute = { handle: [jsonAnswer(404, { message: 'No project has this name here.' })] };
  const redirects = { listen: [`:${edge.httpPort}`], protocols: ['h1'], ...limits };
  return { names: main, redirects: { ...redirects, routes: [...quiet, redirect, unknown] } };
}

/** No answer says what it was served by. */
const quiet: CaddyRoute[] = [
  {
    handle: [
      { handler: 'headers', response: { delete: ['Server'] } },
      { handler: 'headers', response: { delete: ['Via'], deferred: true } },
    ],
  },
];

/** Callers are who the connection says. */
function direct(): CaddyHandler[] {
  return callers({
    client: '{http.request.remote.host}',
    scheme: '{http.request.scheme}',
    port: '{http.request.local.port}',
  });
}

/** Whatever ends TLS in front of this host is believed, as long as it speaks from a private address. */
const privateRanges = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1/128', 'fc00::/7'];

/** Who the caller is, by the word of what stands in front where that is believed. */
function behindTls(): CaddyRoute[] {
  return [
    { handle: direct() },
    {
      match: [{ remote_ip: { ranges: privateRanges }, header: { 'X-Forwarded-For': ['*'] } }],
      handle: callers({
        client: '{http.vars.client_ip}',
        scheme: '{http.request.header.X-Forwarded-Proto}',
        port: '{http.request.header.X-Forwarded-Port}',
      }),
    },
  ];
}

/** Settles who the caller is. */
function callers({ client, scheme, port }: { client: string; scheme: string; port: string }): CaddyHandler[] {
  return [{ handler: 'vars', client, scheme, port }];
}

/** What callers say of themselves is dropped, with all that only the edge may say. */
const forget: CaddyHandler = {
  handler: 'headers',
  request: { delete: ['Pg', 'X-Connection-Encrypted', 'X-Real-Ip', 'Forwarded', 'X-Forwarded-*'] },
};

/** The ref of the project that a rendered configuration opens an address for; null when it is nobody's in particular. */
export function listenerOwner(config: CaddyConfig, address: string): string | null {
  const port = address.slice(address.lastIndexOf(':') + 1);
  const { internal, ports } = config.apps.http.servers;
  return ownerIn(internal, address) ?? ownerIn(ports?.listen.includes(address) ? ports : undefined, port);
}

function ownerIn(server: CaddyServer | undefined, input: string): string | null {
  const tables = server?.routes.flatMap(({ handle }) => handle).filter(isRefTable) ?? [];
  const line = tables.flatMap(({ mappings }) => mappings).find((mapping) => mapping.input === input);
  return line?.outputs[0] ?? null;
}

type RefTable = CaddyHandler & { mappings: { input: string; outputs: string[] }[] };

function isRefTable(handler: CaddyHandler): handler is RefTable {
  return handler.handler === 'map' && Array.isArray(handler.destinations) && handler.destinations[0] === '{edge.ref}';
}

function refBy(source: string, listeners: readonly Listener[]): CaddyHandler[] {
  return [
    table(
      source,
      ['{edge.ref}'],
      [''],
      listeners.map(({ match, ref }) => [match, [ref]]),
    ),
    { handler: 'vars', ref: '{edge.ref}' },
  ];
}

function joinAddress(address: string, port: number): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
