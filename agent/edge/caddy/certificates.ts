import { RuntimeFailure } from '../../runtime-failure.ts';
import type { AgentSettings } from '../../settings.ts';
import type { EdgeOptions } from './edge-options.ts';
import type { EdgeProject } from './edge-project.ts';

type Certificates = NonNullable<Extract<AgentSettings['edge'], { kind: 'names' }>['certificates']>;

/** Caddy's applications that care for certificates, where the edge speaks TLS. */
export function certificates(
  projects: readonly EdgeProject[],
  options: EdgeOptions,
): { tls?: Record<string, unknown>; pki?: Record<string, unknown> } {
  const { edge } = options;
  if (edge.kind !== 'names' || edge.certificates === null) return {};
  const wildcard = `*.${options.projectHost.toLowerCase()}`;
  const source = edge.certificates;
  switch (source.kind) {
    case 'internal':
      return {
        tls: automated([wildcard], { module: 'internal' }),
        // The operator decides which machines trust it, this one included.
        pki: { certificate_authorities: { local: { install_trust: false } } },
      };
    case 'files':
      return { tls: fromFiles(options) };
    case 'acme': {
      const subjects =
        source.dnsProvider === undefined
          ? projects.map(({ ref }) => `${ref}.${options.projectHost.toLowerCase()}`)
          : [wildcard];
      return { tls: automated(subjects, acmeIssuer(source, edge.httpPort)) };
    }
    default:
      return source satisfies never;
  }
}

function automated(subjects: string[], issuer: Record<string, unknown>): Record<string, unknown> {
  return {
    certificates: { automate: subjects },
    automation: { policies: [{ subjects, issuers: [issuer] }] },
  };
}

function fromFiles({ certificateFiles }: EdgeOptions): Record<string, unknown> {
  if (certificateFiles === undefined) {
    throw new RuntimeFailure('The settings name a certificate for the projects, but it was not handed to the edge.');
  }
  const { certificate, key, version } = certificateFiles;
  // The tag makes a renewed certificate another configuration; an equal one would not be loaded again.
  return { certificates: { load_files: [{ certificate, key, tags: [version] }] } };
}

function acmeIssuer(source: Extract<Certificates, { kind: 'acme' }>, httpPort: number | null): Record<string, unknown> {
  const challenges =
    source.dnsProvider === undefined
      ? { http: { disabled: httpPort === null } }
      : { dns: { provider: source.dnsProvider } };
  return {
    module: 'acme',
    email: source.email,
    ...(source.directory === undefined ? {} : { ca: source.directory }),
    challenges,
  };
}
