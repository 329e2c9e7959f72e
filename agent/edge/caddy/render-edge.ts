import { gatewayRoutes } from '../../../schema/gateway-routes.ts';
import { answerWith, corsHeaders, jsonAnswer } from './answers.ts';
import type { CaddyConfig, CaddyRoute } from './caddy-config.ts';
import { valueIs } from './caddy-config.ts';
import { certificates } from './certificates.ts';
import type { EdgeOptions } from './edge-options.ts';
import type { EdgeProject } from './edge-project.ts';
import { errorRoutes } from './error-routes.ts';
import { gatewayRoute, type ServiceHeaders } from './gateway-route.ts';
import { findKey } from './key-routes.ts';
import { edgeServers } from './listeners.ts';
import { logging } from './logging.ts';
import { normalizePath } from './normalize-path.ts';
import { gatewayServices, headerNames, keyTable, projectTables, projectValues } from './project-tables.ts';

/**
 * Caddy's whole configuration for the projects of a host. The routes are the same for all projects; what differs stands
 * in tables by ref, so that it grows by a few lines with each. Pure; the result holds keys.
 */
export function renderEdge(projects: readonly EdgeProject[], options: EdgeOptions): CaddyConfig {
  const inOrder = [...projects].sort((one, other) => (one.ref < other.ref ? -1 : 1));
  return {
    admin: { listen: `unix/${options.adminSocket}|0600`, config: { persist: true } },
    storage: { module: 'file_system', root: options.storage },
    logging: logging(),
    apps: {
      http: {
        ...httpPorts(options),
        servers: edgeServers(inOrder, options, { routes: routes(inOrder), errors: { routes: errorRoutes() } }),
      },
      ...certificates(inOrder, options),
    },
  };
}

function httpPorts({ edge }: EdgeOptions): { http_port?: number; https_port?: number } {
  if (edge.kind !== 'names' || edge.certificates === null) return {};
  return { https_port: edge.port, ...(edge.httpPort === null ? {} : { http_port: edge.httpPort }) };
}

/** What every listener does once it knows the ref. */
function routes(projects: readonly EdgeProject[]): CaddyRoute[] {
  const names = gatewayServices.map((service) => [service, headerNames(projects, service)] as const);
  const headers = Object.fromEntries(names) as ServiceHeaders;
  return [
    { handle: projectTables(projects) },
    {
      match: [valueIs(projectValues.state, '')],
      handle: [jsonAnswer(404, { message: 'No project has this name here.' })],
      terminal: true,
    },
    {
      match: [valueIs(projectValues.state, 'paused')],
      handle: [
        answerWith(corsHeaders),
        jsonAnswer(540, { message: 'Project paused', hint: 'Restore it in the dashboard to use it again.' }),
      ],
      terminal: true,
    },
    ...normalizePath,
    { handle: [...findKey(), ...keyTable(projects)] },
    ...gatewayRoutes.map((route) => gatewayRoute(route, headers)),
    { handle: [jsonAnswer(404, { message: 'no Route matched with those values' })] },
  ];
}
