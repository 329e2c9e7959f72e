import type { GatewayService } from '../../../schema/gateway-routes.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { type CaddyHandler, literal } from './caddy-config.ts';
import type { EdgeProject, EdgeUpstream } from './edge-project.ts';
import { keyValues } from './key-routes.ts';

/** What is known of the project a request is for, as placeholders. */
export const projectValues = {
  ref: '{http.vars.ref}',
  /** `serving`, `paused`, or empty when there is no such project */
  state: '{edge.state}',
  /** where a service listens; empty when the project lacks it */
  dial: (service: GatewayService) => `{edge.${service}.dial}`,
  /** the Host a service is called by */
  host: (service: GatewayService) => `{edge.${service}.host}`,
  /** a header that a service gets; empty when the project has none of that name */
  header: (service: GatewayService, name: string) => `{edge.${service}.header.${name}}`,
};

export const gatewayServices = [
  'auth',
  'rest',
  'realtime',
  'storage',
  'functions',
  'pg_meta',
] as const satisfies readonly GatewayService[];

/** Tables by ref: state, addresses, and headers of services. They grow by a line for each project. */
export function projectTables(projects: readonly EdgeProject[]): CaddyHandler[] {
  const dials = gatewayServices.map((service) => projectValues.dial(service));
  const tables = [
    table(
      projectValues.ref,
      [projectValues.state, ...dials],
      ['', ...dials.map(() => '')],
      [
        ...projects.map(
          ({ ref, state, upstreams }): Line => [
            ref,
            [state, ...gatewayServices.map((service) => dialOf(upstreams[service]))],
          ],
        ),
      ],
    ),
  ];
  for (const service of gatewayServices) {
    const hosts = linesOf(projects, service, ({ hostHeader }) => hostHeader);
    tables.push(table(projectValues.ref, [projectValues.host(service)], ['{http.request.hostport}'], hosts));
    for (const name of headerNames(projects, service)) {
      const values = linesOf(projects, service, ({ headers }) => headers?.[name]);
      tables.push(table(projectValues.ref, [projectValues.header(service, name)], [''], values));
    }
  }
  return tables;
}

/** Names of the headers that some project wants a service to get. */
export function headerNames(projects: readonly EdgeProject[], service: GatewayService): string[] {
  return [...new Set(projects.flatMap(({ upstreams }) => Object.keys(upstreams[service]?.headers ?? {})))].sort();
}

/** Every key of every project with what it stands for; a key counts in its own project only. */
export function keyTable(projects: readonly EdgeProject[]): CaddyHandler[] {
  return [
    table(
      `${projectValues.ref} ${keyValues.presented}`,
      ['{edge.role}', '{edge.token}', '{edge.swapped}'],
      ['', keyValues.presented, ''],
      projects.filter(({ state }) => state === 'serving').flatMap(keyLines),
    ),
    { handler: 'vars', role: '{edge.role}', token: '{edge.token}', swapped: '{edge.swapped}' },
  ];
}

/** A key that stands twice counts as what it was last, as in `decideKey`. */
function keyLines({ ref, keys }: EdgeProject): Line[] {
  const { anonKey, anonKeyAsymmetric, serviceRoleKey, serviceRoleKeyAsymmetric, apiKeys } = keys;
  const known = new Map<string, { role: 'anon' | 'service_role'; jwt: string }>([
    [anonKey, { role: 'anon', jwt: anonKey }],
    [anonKeyAsymmetric, { role: 'anon', jwt: anonKeyAsymmetric }],
    [serviceRoleKey, { role: 'service_role', jwt: serviceRoleKey }],
    [serviceRoleKeyAsymmetric, { role: 'service_role', jwt: serviceRoleKeyAsymmetric }],
    ...apiKeys.map(({ key, type }) =>
      type === 'secret'
        ? ([key, { role: 'service_role', jwt: serviceRoleKeyAsymmetric }] as const)
        : ([key, { role: 'anon', jwt: anonKeyAsymmetric }] as const),
    ),
  ]);
  known.delete('');
  return [...known].map(([key, { role, jwt }]) => [`${ref} ${key}`, [role, jwt, jwt === key ? '' : jwt]]);
}

type Line = readonly [input: string, outputs: string[]];

/** Values for placeholders, looked up by another one's value. */
export function table(
  source: string,
  destinations: string[],
  defaults: string[],
  lines: readonly Line[],
): CaddyHandler {
  const mappings = lines.map(([input, outputs]) => ({ input, outputs: outputs.map(literal) }));
  return { handler: 'map', source, destinations, defaults, mappings };
}

function linesOf(
  projects: readonly EdgeProject[],
  service: GatewayService,
  pick: (upstream: EdgeUpstream) => string | undefined,
): Line[] {
  return projects.flatMap(({ ref, upstreams }): Line[] => {
    const upstream = upstreams[service];
    const value = upstream === undefined ? undefined : pick(upstream);
    return value === undefined ? [] : [[ref, [value]]];
  });
}

function dialOf(upstream: EdgeUpstream | undefined): string {
  if (upstream === undefined) return '';
  const { host, port } = upstream;
  if (!/^[\w.:-]+$/.test(host)) throw new RuntimeFailure('A service of a project has an address that is none.');
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
