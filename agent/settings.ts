import { z } from 'zod';

/** Where the certificates of `https://<ref>.<project host>` come from. */
const certificateSource = z.discriminatedUnion('kind', [
  /** Caddy's own CA: for tests and closed networks */
  z.object({ kind: z.literal('internal') }),
  /** a wildcard certificate the operator keeps in these two PEM files, by absolute path */
  z.object({ kind: z.literal('files'), certificate: z.string().startsWith('/'), key: z.string().startsWith('/') }),
  /** issued automatically: by name, or one wildcard where a DNS provider is given (a Caddy module's own JSON) */
  z.object({
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
  z.object({ kind: z.literal('ports'), address: z.union([z.ipv4(), z.ipv6()]) }),
  /** `<ref>.<project host>`; `certificates` null: plain HTTP, for a host behind something that ends TLS */
  z.object({
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
  .cidrv4()
  .refine((text) => Number(text.split('/')[1]) <= 24, 'must be a network of at least 256 addresses (/24 or wider)');

/** What an operator decides about a host: `<data dir>/settings.json`, written by `join`, read at every start. */
export const agentSettings = z.object({
  runtime: z.enum(['compose', 'embedded']),
  edge: edgeSettings,
  addressPool,
  /** a JSON file that says where images come from instead (`stack/image-map.ts`), by absolute path; null: upstream */
  imageMap: z.string().startsWith('/').nullable(),
  /** address on which the Postgres front door listens, and its port */
  frontDoor: z.object({ address: z.union([z.ipv4(), z.ipv6()]), port }),
});
export type AgentSettings = z.infer<typeof agentSettings>;
