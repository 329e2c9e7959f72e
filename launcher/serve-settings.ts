import { importJWK, jwtVerify } from 'jose';
import { z } from 'zod';
import { mailSettings } from '../schema/mail-settings.ts';
import { signingKey } from '../schema/stack-spec.ts';
import { env } from '../worker/env.ts';
import { StartFailure } from './failure.ts';
import { type MailConfig, mailConfig } from './mail.ts';

export type ServeSettings = {
  host: string;
  port: number;
  databaseUrl: string;
  databaseToken: string;
  /** what the worker gets, by its own names */
  variables: Record<string, string>;
  /** null: no mail server is named, and links are shown in the log */
  mail: MailConfig | null;
  /** made at the first start; null: whoever holds BOOTSTRAP_TOKEN makes it */
  admin: { email: string; password: string; accessToken: string | undefined; organizationName: string } | null;
};

const needed = ['PUBLIC_URL', 'DATABASE_URL', 'DATABASE_TOKEN', 'JWT_KEYS', 'KEKS'];

const ownSettings = {
  HOST: z.string().default('0.0.0.0'),
  PORT: z.coerce.number().int().min(1).max(65_535).default(8787),
  /** with which sqld checks DATABASE_TOKEN; only compared here */
  DATABASE_PUBLIC_KEY: z.string().optional(),
  ADMIN_EMAIL: z.email().optional(),
  ADMIN_PASSWORD: z.string().min(8).max(1024).optional(),
  ADMIN_ACCESS_TOKEN: z
    .string()
    .regex(/^sbp_[0-9a-f]{40}$/, 'must be sbp_ and 40 hexadecimal digits')
    .optional(),
  DEFAULT_ORGANIZATION_NAME: z.string().trim().min(1).max(100).default('Default Organization'),
};

/** The worker looks into these only when it is first asked; here a slip is told before anything runs. */
const closerLooks: Record<string, z.ZodType> = {
  JWT_KEYS: z.string().refine(isSigningKeys, 'must be a JSON array of private ES256 JWKs with kid'),
  KEKS: z
    .string()
    .regex(
      /^[A-Za-z0-9-]{1,32}:[\w-]{43}=?(,\s*[A-Za-z0-9-]{1,32}:[\w-]{43}=?)*$/,
      'must be entries id:key, each key 32 bytes in base64url',
    ),
};

/**
 * Reads what `supafleet-worker` is run with. Throws a `StartFailure` that names every variable that is missing, still has
 * its placeholder, or does not fit; never with its value.
 */
export async function readServeSettings(environment: Record<string, string | undefined>): Promise<ServeSettings> {
  const given = withoutEmpty(environment);
  const problems = [...absences(given), ...misfits(given), ...mailMisfits(given)];
  if (problems.length === 0) problems.push(...(await strangeToken(given)));
  if (problems.length > 0) {
    const lines = problems.map((problem) => `\n  ${problem}`).join('');
    throw new StartFailure(`The environment is not usable:${lines}\nNew secrets: supafleet-worker secrets`);
  }
  const own = z.object(ownSettings).parse(given);
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = own;
  return {
    host: own.HOST,
    port: own.PORT,
    databaseUrl: given.DATABASE_URL ?? '',
    databaseToken: given.DATABASE_TOKEN ?? '',
    variables: Object.fromEntries(Object.entries(given).filter(([name]) => name in env.shape)),
    mail: mailConfig(given),
    admin:
      email === undefined || password === undefined
        ? null
        : { email, password, accessToken: own.ADMIN_ACCESS_TOKEN, organizationName: own.DEFAULT_ORGANIZATION_NAME },
  };
}

/** Compose files pass variables through that nobody set. */
function withoutEmpty(environment: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return Object.fromEntries(entries);
}

const secretName = /(SECRET|PASSWORD|TOKEN|KEYS?|KEKS)$/;
const placeholder =
  /^\W*(\w+:)?\W*((change|replace)[-_ ]?(me|this)|placeholder|your[-_ ]|todo\b|example\b|x{4,}|(secret|password|token|key)\W*$)|super[-_ ]secret/i;

function absences(given: Record<string, string>): string[] {
  const missing = needed.filter((name) => given[name] === undefined).map((name) => `${name} is missing`);
  const left = relevant(given).filter(([name, value]) => isPlaceholder(name, value));
  return [...missing, ...left.map(([name]) => `${name} still has its placeholder`)];
}

function isPlaceholder(name: string, value: string): boolean {
  return secretName.test(name) && placeholder.test(value);
}

/** What stands here for others, such as the shell's PATH, is none of our business. */
function relevant(given: Record<string, string>): [string, string][] {
  return Object.entries(given).filter(([name]) => name in env.shape || name in ownSettings);
}

function misfits(given: Record<string, string>): string[] {
  const shapes: Record<string, z.ZodType> = { ...env.shape, ...ownSettings };
  return relevant(given)
    .filter(([name, value]) => !isPlaceholder(name, value))
    .flatMap(([name, value]) => {
      const shape = closerLooks[name] ?? shapes[name];
      const issues = shape?.safeParse(value).error?.issues ?? [];
      return issues.map(({ message }) => `${name}: ${message}`);
    });
}

/** Of the mailer's variables, which are looked at only when it is wanted. */
function mailMisfits(given: Record<string, string>): string[] {
  if (given.SMTP_HOST === undefined) return [];
  const issues = mailSettings.safeParse(given).error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

function isSigningKeys(text: string): boolean {
  try {
    return z.array(signingKey).min(1).safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

/** The database would refuse every request, and say to nobody why. */
async function strangeToken(given: Record<string, string>): Promise<string[]> {
  const { DATABASE_PUBLIC_KEY: x, DATABASE_TOKEN: token } = given;
  if (x === undefined || token === undefined) return [];
  try {
    await jwtVerify(token, await importJWK({ kty: 'OKP', crv: 'Ed25519', x }, 'EdDSA'), { algorithms: ['EdDSA'] });
    return [];
  } catch {
    return ['DATABASE_TOKEN was not made with the key that DATABASE_PUBLIC_KEY belongs to'];
  }
}
