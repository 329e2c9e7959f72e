import { z } from 'zod';

const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ''));

const common = {
  /** in addresses and in the account's identities; not to be changed while somebody signs in by it */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be lower-case letters, digits, - and _')
    .refine((name) => name !== 'email' && name !== 'phone', 'must not be the name of another way to sign in'),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  /** whether strangers get an account; follows SIGNUPS when left out */
  signUp: z.boolean().optional(),
  /** only addresses of these domains are let in */
  emailDomains: z.array(z.string().min(1).toLowerCase()).min(1).optional(),
};

const github = z.strictObject({
  ...common,
  kind: z.literal('github'),
  url: url.default('https://github.com'),
  /** of an enterprise server: its address and `/api/v3` */
  apiUrl: url.default('https://api.github.com'),
});

const oidc = z.strictObject({
  ...common,
  kind: z.literal('oidc'),
  /** exactly as the issuer calls itself */
  issuer: z.url({ protocol: /^https?$/ }),
  scopes: z.string().default('openid email profile'),
});

export type GithubSettings = z.infer<typeof github>;
export type OidcSettings = z.infer<typeof oidc>;

/** `AUTH_PROVIDERS`: identity providers by which people sign in, each with a name of its own. */
export const providerSettings = z
  .array(z.discriminatedUnion('kind', [github, oidc]))
  .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'must have a name each');
export type ProviderSettings = z.infer<typeof providerSettings>;
