import { z } from 'zod';

/** Where the certificates of `https://<ref>.<project host>` come from. */
const certificateSource = z.discriminatedUnion('kind', [
  /** Caddy's own CA: for tests and closed networks */
  z.strictObject({ kind: z.literal('internal') }),
  /** a wildcard certificate the operator keeps in these two PEM files, by absolute path */
  z.strictObject({
    kind: z.literal('files'),
    certificate: z.string().startsWith('/'),
    key: z.string().startsWith('/'),
  }),
  /** issued automatically: by name, or one wildcard where a DNS provider is given (a Caddy module's own JSON) */
  z.strictObject({
    kind: z.literal('acme'),
    email: z.email(),
    directory: z.url().optional(),
    dnsProvider: z.looseObject({ name: z.string() }).optional(),
  }),
]);

const port = z.int().min(1).max(65_535);

/** How clients reach the projects of this host over HTTP. */
export const edgeSettings = z.discriminatedUnion('kind', [
  /** plain HTTP, each project on the first port of its block, at this address */
  z.strictObject({ kind: z.literal('ports'), address: z.union([z.ipv4(), z.ipv6()]) }),
  /** `<ref>.<project host>`; `certificates` null: plain HTTP, for a host behind something that ends TLS */
  z.strictObject({
    kind: z.literal('names'),
    port,
    /** redirects to HTTPS and answers ACME challenges; null: not opened */
    httpPort: port.nullable(),
    certificates: certificateSource.nullable(),
  }),
]);
export type EdgeSettings = z.infer<typeof edgeSettings>;

/** An IPv4 network a host's projects get theirs from, 64 addresses each. */
export const addressPool = z
  .cidrv4('must be an IPv4 network such as 10.230.0.0/16')
  .refine((text) => Number(text.split('/')[1]) <= 24, {
    error: 'must be a network of at least 256 addresses (/24 or wider)',
    abort: true,
  })
  .refine(isPrivate, 'must be within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 or 198.18.0.0/15');

/** Addresses that are nobody's on the Internet, and none of this machine's own. */
const privateNetworks: readonly [bytes: [number, number], prefix: number][] = [
  [[10, 0], 8],
  [[172, 16], 12],
  [[192, 168], 16],
  [[100, 64], 10],
  [[198, 18], 15],
];

function isPrivate(network: string): boolean {
  const [address = '', prefix] = network.split('/');
  const [first = 0, second = 0] = address.split('.').map(Number);
  return privateNetworks.some(([[one, two], length]) => {
    const differing = ((first << 8) | second) ^ ((one << 8) | two);
    return Number(prefix) >= length && differing >>> (16 - length) === 0;
  });
}

/** What an operator decides about a host: `<data dir>/settings.json`, written by `join`, read at every start. */
export const agentSettings = z.strictObject({
  runtime: z.enum(['compose', 'embedded']),
  edge: edgeSettings,
  addressPool,
  /** a JSON file that says where images come from instead (`stack/image-map.ts`), by absolute path; null: upstream */
  imageMap: z.string().startsWith('/').nullable(),
  /** address on which the Postgres front door listens, and its port */
  frontDoor: z.strictObject({ address: z.union([z.ipv4(), z.ipv6()]), port }),
});
export type AgentSettings = z.infer<typeof agentSettings>;
