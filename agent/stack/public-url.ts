import type { StackHost } from './stack-host.ts';

/** What listens everywhere is no address that a client could open. */
const everywhere = new Set(['0.0.0.0', '::']);

/**
 * Where clients reach a project: `https://<ref>.<project host>`, or, by ports, the address on which the host listens (the
 * project host where it listens everywhere) with the project's first port.
 */
export function publicUrl(ref: string, firstPort: number, host: Pick<StackHost, 'edge' | 'projectHost'>): string {
  const { edge, projectHost } = host;
  switch (edge.kind) {
    case 'ports':
      return `http://${portsHost(edge.address, projectHost)}:${firstPort}`;
    case 'names': {
      // without certificates of its own the edge stands behind something that ends TLS, on the usual port
      const port = edge.certificates === null || edge.port === 443 ? '' : `:${edge.port}`;
      return `https://${ref}.${projectHost}${port}`;
    }
    default:
      return edge satisfies never;
  }
}

function portsHost(address: string, projectHost: string): string {
  if (everywhere.has(address)) return projectHost;
  return address.includes(':') ? `[${address}]` : address;
}
