import { z } from 'zod';
import { projectRef } from './ids.ts';
import { instanceSizes } from './instance-sizes.ts';
import { stackProfiles } from './stack-profiles.ts';
import { stackRelease } from './stack-releases.ts';

/** An EC P-256 private key as a JWK, with the id under which it signs. */
export const signingKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string(),
  alg: z.literal('ES256'),
});
export type SigningKey = z.infer<typeof signingKey>;

/** One opaque API key (`sb_publishable_…`, `sb_secret_…`). */
export const opaqueKey = z.object({ name: z.string(), type: z.enum(['publishable', 'secret']), key: z.string() });

/** What the services of a stack share among themselves; no user ever sees one of them. Lengths are upstream's. */
export const serviceSecrets = z.object({
  /** of the superuser `supabase_admin`, and of the services that log in as it; hex, so that no URL needs escapes */
  adminPassword: z.string().regex(/^[0-9a-f]{32,}$/),
  /** Phoenix secret of realtime and the pooler */
  secretKeyBase: z.string().min(64),
  /** AES-128 key with which realtime seals its tenants */
  realtimeEncryptionKey: z.string().length(16),
  /** with which the pooler seals its tenants */
  poolerEncryptionKey: z.string().length(32),
  /** HS256 key of realtime's and the pooler's metrics */
  metricsJwtSecret: z.string().min(32),
  s3AccessKeyId: z.string().length(32),
  s3SecretAccessKey: z.string().length(64),
  logflarePublicToken: z.string().min(32),
  logflarePrivateToken: z.string().min(32),
});
export type ServiceSecrets = z.infer<typeof serviceSecrets>;

/** Every secret of one stack. The JWT pairs are what the gateway accepts and swaps opaque keys for. */
export const stackSecrets = z.object({
  /** 8 to 256 characters, any but control characters: connection strings percent-encode it */
  dbPassword: z.string().min(1),
  /** HS256 key, at least 32 characters */
  jwtSecret: z.string().min(32),
  signingKey,
  /** HS256 JWTs shown to users as the legacy keys */
  anonKey: z.string(),
  serviceRoleKey: z.string(),
  /** ES256 JWTs the gateway swaps `sb_` keys for; never shown */
  anonKeyAsymmetric: z.string(),
  serviceRoleKeyAsymmetric: z.string(),
  apiKeys: z.array(opaqueKey),
  services: serviceSecrets,
});
export type StackSecrets = z.infer<typeof stackSecrets>;

/** What one live project should be on its host. Its spec hash covers all of it but `generation` and `power`. */
export const liveSpec = z.object({
  ref: projectRef,
  /** bumped by every change of desired state; reports carry the one they acted on */
  generation: z.int().nonnegative(),
  power: z.enum(['running', 'paused']),
  /** bumped by "restart": another value means a running stack is stopped and started again */
  restarts: z.int().nonnegative(),
  /** which images it is made of, by `stack-releases.json` */
  release: stackRelease,
  /** major version of Postgres */
  postgresVersion: z.string(),
  /** which services it has */
  profile: z.enum(stackProfiles),
  /** instance size, in Supabase's names: what its containers may use */
  size: z.enum(instanceSizes),
  /** the first of `portsPerProject` consecutive ports this project may listen on */
  firstPort: z.int().min(1024).max(65_535),
  /** settings of the data API */
  rest: z.object({
    schemas: z.array(z.string()),
    extraSearchPath: z.array(z.string()),
    maxRows: z.int().positive(),
  }),
  secrets: stackSecrets,
});
export type LiveSpec = z.infer<typeof liveSpec>;

/** A project whose every trace on the host shall go; it carries no secret. */
export const removedSpec = z.object({
  ref: projectRef,
  generation: z.int().nonnegative(),
  power: z.literal('removed'),
});
export type RemovedSpec = z.infer<typeof removedSpec>;

/**
 * A project whose secrets the control plane cannot open just now: its stack stays as it is and is looked after no
 * further than being probed. It is named, so that it is no stranger and its host does not vouch for it unseen.
 */
export const withheldSpec = z.object({
  ref: projectRef,
  generation: z.int().nonnegative(),
  power: z.literal('withheld'),
});
export type WithheldSpec = z.infer<typeof withheldSpec>;

export const stackSpec = z.discriminatedUnion('power', [
  liveSpec.extend({ power: z.literal('running') }),
  liveSpec.extend({ power: z.literal('paused') }),
  removedSpec,
  withheldSpec,
]);
export type StackSpec = z.infer<typeof stackSpec>;

/** Ports of a project's block, by offset from `firstPort`. */
export const portsPerProject = 10;
export const portOffsets = { gateway: 0, postgres: 1, rest: 2, restAdmin: 3, functions: 4 } as const;
