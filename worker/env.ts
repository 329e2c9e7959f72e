import { z } from 'zod';
import { providerSettings } from './identity/settings.ts';
import { limitOverrides } from './limits/overrides.ts';

/** A service binding: in self-hosted workerd an `external` or `network` service, on Cloudflare another Worker. */
export type Fetcher = { fetch(request: Request, init?: { signal: AbortSignal }): Promise<Response> };

/** Bindings are objects of the runtime; that they can fetch is all that can be checked. */
const fetcher = z.custom<Fetcher>((value) => typeof value === 'object' && value !== null && 'fetch' in value);

const jsonArray = z.string().transform((text, ctx) => {
  try {
    return z.array(z.unknown()).min(1).parse(JSON.parse(text));
  } catch {
    ctx.addIssue({ code: 'custom', message: 'must be a JSON array with at least one element' });
    return z.NEVER;
  }
});

const providers = z
  .string()
  .default('')
  .transform((text, ctx) => {
    try {
      return text.trim() === '' ? [] : JSON.parse(text);
    } catch {
      ctx.addIssue({ code: 'custom', message: 'must be a JSON array' });
      return z.NEVER;
    }
  })
  .pipe(providerSettings);

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

/** Where a page is; one that is empty is not set: compose files and CI pass variables through like that. */
const page = z.union(
  [z.literal('').transform(() => null), z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''))],
  { error: 'must be an http(s) URL' },
);

/** What can be sent behind `Bearer`. */
const bearerToken = z.string().regex(/^\S{16,}$/, 'must be at least 16 characters without a space');

/** What the worker is configured with. Secrets come as variables of the environment, never in a file of ours. */
export const env = z.object({
  /** origin under which clients reach this control plane */
  PUBLIC_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
  /** libSQL over HTTP: Turso, or a self-run sqld */
  DATABASE_URL: z.url(),
  DATABASE_TOKEN: z.string().default(''),
  /** JSON array of private ES256 JWKs with `kid`; the first signs, all verify */
  JWT_KEYS: jsonArray,
  /** comma-separated `id:base64url key of 32 bytes`; the first seals, all open */
  KEKS: list,
  /** comma-separated exact origins (Studio) */
  CORS_ORIGINS: list,
  /** where people open Studio: `/` and links in mails lead there */
  STUDIO_URL: page.default(null),
  /** who may sign up: everyone, or only who was invited */
  SIGNUPS: z.enum(['open', 'closed']).default('closed'),
  /** header in which the proxy in front puts the client's address, e.g. `cf-connecting-ip`; empty: none */
  CLIENT_ADDRESS_HEADER: z.string().default(''),
  /** JSON array of identity providers by which people sign in (identity/settings.ts) */
  AUTH_PROVIDERS: providers,
  POLL_INTERVAL_MS: z.coerce.number().int().min(200).max(60_000).optional(),
  TICK_TOKEN: bearerToken.optional(),
  BOOTSTRAP_TOKEN: bearerToken.optional(),
  /** JSON: other limits than the usual ones, by name (docs/limits.md) */
  RATE_LIMITS: limitOverrides,
  AUDIT_RETENTION_DAYS: z.coerce.number().int().positive().optional(),
  HASHER: fetcher,
  /** sends mail; without it links are shown to the operator in the log */
  MAILER: fetcher.optional(),
  /** the way to the database, where the runtime keeps ways apart */
  DATABASE: fetcher.optional(),
  /** the way to projects' gateways, likewise */
  PROJECTS: fetcher.optional(),
  /** the way to identity providers, likewise: they may be inside the operator's own network */
  IDENTITY: fetcher.optional(),
});
export type Env = z.infer<typeof env>;
