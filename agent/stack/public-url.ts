import type { StackHost } from './stack-host.ts';

/** Where clients reach a project: `https://<ref>.<project host>`, or the host's address with the project's first port. */
export function publicUrl(ref: string, firstPort: number, host: Pick<StackHost, 'edge' | 'projectHost'>): string {
  const { edge, projectHost } = host;
  switch (edge.kind) {
    case 'ports':
      return `http://${edge.address.includes(':') ? `[${edge.address}]` : edge.address}:${firstPort}`;
    case 'names': {
      // without certificates of its own the edge stands behind something that ends TLS, on the usual port
      const port = edge.certificates === null || edge.port === 443 ? '' : `:${edge.port}`;
      return `https://${ref}.${projectHost}${port}`;
    }
    default:
      return edge satisfies never;
  }
}
