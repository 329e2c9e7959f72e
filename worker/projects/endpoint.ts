type EndpointInput = {
  ref: string;
  firstPort: number | null;
  projectHost: string;
  gatewayProtocol: 'http' | 'https' | null;
  gatewayEndpoint: string | null;
  frontDoorPort: number | null;
};

/** Where a project answers. Its agent says so; until then, where a host is joined to serve it unless it was told else. */
export function gateway(project: EndpointInput): { protocol: 'http' | 'https'; endpoint: string; url: string } {
  const { gatewayProtocol, gatewayEndpoint } = project;
  const expected = expectedGateway(project);
  const protocol = gatewayProtocol ?? expected.protocol;
  const endpoint = gatewayEndpoint ?? expected.endpoint;
  return { protocol, endpoint, url: `${protocol}://${endpoint}` };
}

/** On its own machine a project has a port, everywhere else a name. */
function expectedGateway({ ref, firstPort, projectHost }: EndpointInput) {
  if (projectHost === 'localhost' && firstPort !== null) {
    return { protocol: 'http' as const, endpoint: `${projectHost}:${firstPort}` };
  }
  return { protocol: 'https' as const, endpoint: `${ref}.${projectHost}` };
}

/** Where its Postgres is reached: through the front door of the host. */
export function database({ ref, projectHost, frontDoorPort }: EndpointInput): { host: string; port: number } {
  return { host: `db.${ref}.${projectHost}`, port: frontDoorPort ?? 5432 };
}

/**
 * What people connect with. The user names the project, as a client without TLS tells the front door no host name; and
 * many machines know `localhost` but no name below it.
 */
export function databaseLogin(project: EndpointInput): { host: string; port: number; user: string } {
  const { host, port } = database(project);
  return { host: project.projectHost === 'localhost' ? 'localhost' : host, port, user: `postgres.${project.ref}` };
}
