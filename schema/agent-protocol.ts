import { z } from 'zod';
import { hostId, projectRef } from './ids.ts';
import { phases, serviceNames } from './project-status.ts';
import { stackSpec } from './stack-spec.ts';

/** The protocol's version; the worker serves this one and the two before it. */
export const protocolVersion = 2;

/**
 * Headers of a signed request. The signature is Ed25519, base64url, over
 * `METHOD \n path?query \n timestamp \n base64url(SHA-256(body))`, newline-separated, no trailing newline.
 */
export const agentHeaders = {
  host: 'x-supafleet-host',
  /** milliseconds since the epoch; refused when more than `maximumSkewMs` away from the control plane's clock */
  timestamp: 'x-supafleet-timestamp',
  signature: 'x-supafleet-signature',
  version: 'x-supafleet-protocol',
  /** in every answer: the versions the control plane serves, separated by blanks */
  served: 'x-supafleet-protocols-served',
} as const;
export const maximumSkewMs = 60_000;

/** One line of whole characters. */
const line = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not hold control characters or halves of characters');

/** What a host can do and where its projects answer. Sent at enrolment and in every report. */
export const hostFacts = z.object({
  agentVersion: line(64),
  runtime: z.enum(['embedded', 'compose']),
  /** `db.<ref>.<projectHost>` and, with an edge, `<ref>.<projectHost>` name a project */
  projectHost: line(253),
  /** where the Postgres front door listens */
  frontDoor: z.object({ host: line(253), port: z.int().min(1).max(65_535) }).nullable(),
  /** inclusive; cut into blocks of `portsPerProject` */
  portRange: z
    .object({ first: z.int().min(1024).max(65_535), last: z.int().min(1024).max(65_535) })
    .refine(({ first, last }) => first <= last, 'must not end before it begins'),
});
export type HostFacts = z.infer<typeof hostFacts>;

export const enrolRequest = z.object({
  token: z.string().min(1).max(200),
  /** raw Ed25519 public key, base64url */
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  name: line(100).trim().min(1),
  region: line(64).optional(),
  facts: hostFacts,
});
export type EnrolRequest = z.infer<typeof enrolRequest>;

export const enrolResponse = z.object({ hostId, pollIntervalMs: z.int().positive() });

/** `GET /agent/v1/desired?cursor=N`: 304 when nothing changed since N, else the whole list of the host. */
export const desiredResponse = z.object({
  /** null: the list holds a project that is withheld, so the next poll asks for the whole list again */
  cursor: z.int().nonnegative().nullable(),
  pollIntervalMs: z.int().positive(),
  /** the sequence of the last accepted report; the next one carries it plus one */
  reportSequence: z.int().nonnegative(),
  projects: z.array(stackSpec),
});
export type DesiredResponse = z.infer<typeof desiredResponse>;

export const serviceReport = z.object({
  name: z.enum(serviceNames),
  /** `absent`: this runtime cannot run it */
  status: z.enum(['healthy', 'unhealthy', 'starting', 'stopped', 'absent']),
  version: z.string().max(64).nullable(),
  error: z.string().max(500).nullable(),
});
export type ServiceReport = z.infer<typeof serviceReport>;

/** What was seen of one project. Free of secrets. */
export const projectReport = z.object({
  ref: projectRef,
  /** the generation acted on; an older one never overwrites a newer */
  generation: z.int().nonnegative(),
  phase: z.enum(phases),
  /** why it is not as desired, for people */
  reason: z.string().max(1000).nullable(),
  /** milliseconds since an authenticated request through the gateway last reached Postgres; null: not yet */
  verifiedAgeMs: z.int().nonnegative().nullable(),
  /** where the project's gateway answers, null while it does not */
  gateway: z
    .object({
      protocol: z.enum(['http', 'https']),
      endpoint: z
        .string()
        .max(260)
        .regex(/^[\w.:[\]-]+$/, 'must be a host and its port'),
    })
    .nullable(),
  services: z.array(serviceReport).max(serviceNames.length),
  /** what somebody changed by hand on the host, for people; it is being put right */
  drift: z.array(z.string().max(300)).max(20).default([]),
});
export type ProjectReport = z.infer<typeof projectReport>;

/**
 * `POST /agent/v1/report`. Sent when something changed, and as a heartbeat. `projects` holds what changed since the
 * last accepted report; `verifiedAgeMs` vouches for all healthy projects that are not in it: each of them was reached
 * through its gateway at most that long ago (null: there is none).
 */
export const reportRequest = z.object({
  sequence: z.int().positive(),
  facts: hostFacts,
  verifiedAgeMs: z.int().nonnegative().nullable(),
  projects: z.array(projectReport).max(1000),
  /** stacks with our label that no desired list names: shown, never touched */
  strangers: z.array(z.string().max(64)).max(1000),
});
export type ReportRequest = z.infer<typeof reportRequest>;

export const reportResponse = z.object({ sequence: z.int().nonnegative(), cursor: z.int().nonnegative() });
export type ReportResponse = z.infer<typeof reportResponse>;
