import { z } from 'zod';
import type { WantedSettings } from '../doctor/with-address-pool.ts';
import { embeddedSettings } from '../embedded-settings.ts';
import { type AgentSettings, addressPool, agentSettings, type EdgeSettings } from '../settings.ts';
import { UsageError } from './usage-error.ts';

const port = z.coerce.number().int().min(1).max(65_535);
const address = z.union([z.ipv4(), z.ipv6()], 'must be an IP address of this host');

/** What `join` is told of the host's settings, as it is typed. Paths are absolute already. */
export const settingsFlags = z.object({
  runtime: z.enum(['compose', 'embedded'], 'must be compose or embedded'),
  projectHost: z.string(),
  edge: z.enum(['ports', 'names'], 'must be ports or names').optional(),
  edgeAddress: address.optional(),
  httpsPort: port.optional(),
  httpPort: z.union([z.literal('off'), port], 'must be a port, or off').optional(),
  tls: z
    .string()
    .regex(/^(internal|off|files:\/.+,\/.+|acme:.+@.+)$/, 'must be internal, off, files:CERT,KEY or acme:EMAIL')
    .optional(),
  addressPool: addressPool.optional(),
  imageMap: z.string().optional(),
  frontDoor: z.string().optional(),
});
export type SettingsFlags = z.infer<typeof settingsFlags>;

/** What the flags mean, with sensible defaults for the rest. Throws a UsageError that says what is missing. */
export function settingsOfFlags(flags: SettingsFlags): WantedSettings {
  const isLocal = flags.projectHost === 'localhost';
  const settings = {
    runtime: flags.runtime,
    edge: flags.runtime === 'embedded' ? embeddedSettings.edge : edgeOf(flags, isLocal),
    addressPool: flags.addressPool ?? null,
    imageMap: flags.imageMap ?? null,
    frontDoor: frontDoorOf(flags, isLocal),
  };
  const checked = agentSettings.safeParse({ ...settings, addressPool: settings.addressPool ?? '10.213.0.0/16' });
  if (checked.success) return settings;
  throw new UsageError(checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

function edgeOf(flags: SettingsFlags, isLocal: boolean): EdgeSettings {
  const kind = flags.edge ?? (isLocal ? 'ports' : 'names');
  const stray = kind === 'ports' ? strayWithPorts(flags) : flags.edgeAddress && '--edge-address';
  if (stray) throw new UsageError(`${stray} does not go with --edge ${kind}`);
  switch (kind) {
    case 'ports':
      return { kind, address: flags.edgeAddress ?? (isLocal ? '127.0.0.1' : '0.0.0.0') };
    case 'names':
      return { kind, ...portsAndCertificates(flags) };
    default:
      return kind satisfies never;
  }
}

function strayWithPorts({ httpsPort, httpPort, tls }: SettingsFlags): string | null {
  if (tls !== undefined) return '--tls';
  if (httpsPort !== undefined) return '--https-port';
  return httpPort === undefined ? null : '--http-port';
}

function portsAndCertificates(flags: SettingsFlags) {
  const { httpsPort, httpPort, tls } = flags;
  if (tls === 'off') {
    if (httpsPort !== undefined) throw new UsageError('--https-port does not go with --tls off');
    return { port: httpPort === 'off' || httpPort === undefined ? 80 : httpPort, httpPort: null, certificates: null };
  }
  return {
    port: httpsPort ?? 443,
    httpPort: httpPort === 'off' ? null : (httpPort ?? 80),
    certificates: certificatesOf(tls),
  };
}

type CertificateSource = NonNullable<Extract<EdgeSettings, { kind: 'names' }>['certificates']>;

function certificatesOf(tls: string | undefined): CertificateSource {
  if (tls === undefined) throw new UsageError(certificatesNeeded);
  const [kind, rest] = [tls.split(':')[0], tls.slice(tls.indexOf(':') + 1)];
  if (kind === 'files') {
    const [certificate = '', key = ''] = rest.split(',');
    return { kind: 'files', certificate, key };
  }
  return kind === 'acme' ? { kind: 'acme', email: rest } : { kind: 'internal' };
}

const certificatesNeeded = `--tls is needed: where do the certificates of the projects' names come from?
  --tls files:/etc/ssl/wildcard.pem,/etc/ssl/wildcard.key   a wildcard certificate of yours (best for a fleet)
  --tls acme:you@example.com                                issued automatically, one for each project
  --tls internal                                            the edge's own CA, for tests and closed networks
  --tls off                                                 plain HTTP, behind something that ends TLS
or serve the projects on ports, without names: --edge ports`;

function frontDoorOf({ frontDoor }: SettingsFlags, isLocal: boolean): AgentSettings['frontDoor'] {
  if (frontDoor === undefined) return { address: isLocal ? '127.0.0.1' : '0.0.0.0', port: 5432 };
  const [, bracketed, plain, portText] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(frontDoor) ?? [];
  const parsed = z.object({ address, port }).safeParse({ address: bracketed ?? plain, port: portText });
  if (parsed.success) return parsed.data;
  throw new UsageError('--front-door must be ADDRESS:PORT, such as 0.0.0.0:5432 or [::]:5432');
}
