type EndpointInput = {
  ref: string;
  firstPort: number | null;
  projectHost: string;
  gatewayProtocol: 'http' | 'https' | null;
  gatewayEndpoint: string | null;
  frontDoorPort: number | null;
};

/** Where a project answers. Its agent says so; until then, where it will by its block of ports. */
export function gateway(project: EndpointInput): { protocol: 'http' | 'https'; endpoint: string; url: string } {
  const { gatewayProtocol, gatewayEndpoint, firstPort, projectHost, ref } = project;
  const protocol = gatewayProtocol ?? 'http';
  const expected = firstPort === null ? `${ref}.${projectHost}` : `${projectHost}:${firstPort}`;
  const endpoint = gatewayEndpoint ?? expected;
  return { protocol, endpoint, url: `${protocol}://${endpoint}` };
}

/** Where its Postgres is reached: through the front door of the host. */
export function database({ ref, projectHost, frontDoorPort }: EndpointInput): { host: string; port: number } {
  return { host: `db.${ref}.${projectHost}`, port: frontDoorPort ?? 5432 };
}
