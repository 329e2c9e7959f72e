import { resolve } from 'node:path';
import { z } from 'zod';
import { portRange } from '../agent/config.ts';
import type { DockerWishes } from './host-settings.ts';
import { type MailConfig, mailConfig } from './mail.ts';
import type { PortRange } from './port-range.ts';

const port = z.coerce.number().int().min(1).max(65_535);

/** Where Studio is on a developer's machine, by its own two ways to start it there. */
const usualStudioOrigins = 'http://localhost:3000,http://localhost:8082';

const studioList = /^\s*https?:\/\/[^\s,/]+\s*(,\s*https?:\/\/[^\s,/]+\s*)*$/;

export const defaultAdminEmail = 'admin@supafleet.local';

const environment = z.object({
  PORT: port.default(8787),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('.data'),
  RUNTIME: z.enum(['embedded', 'compose']).default('embedded'),
  /** where a Docker host's images come from instead (see docs/hosts.md) */
  IMAGE_MAP: z.string().min(1).optional(),
  /** Docker's own, handed on to the agent */
  DOCKER_HOST: z.string().optional(),
  DOCKER_CONFIG: z.string().optional(),
  HOME: z.string().optional(),
  PATH: z.string().optional(),
  PUBLIC_URL: z.url().optional(),
  /** the worker's own, handed on to it (see docs/limits.md) */
  CLIENT_ADDRESS_HEADER: z.string().optional(),
  RATE_LIMITS: z.string().optional(),
  AUDIT_RETENTION_DAYS: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'must be a number of days')
    .optional(),
  PORT_RANGE: portRange.optional(),
  /** exact origins from which Studio calls, comma-separated; the first of them is where people open it */
  STUDIO_URL: z
    .string()
    .regex(studioList, 'must be origins like https://studio.example.com, comma-separated')
    .optional(),
  /** who may sign up: everyone, or only who was invited */
  SIGNUPS: z.enum(['open', 'closed']).default('closed'),
  /** with the other SMTP_… and MAIL_FROM (mail.ts) */
  SMTP_CA_FILE: z.string().min(1).optional(),
  /** JSON array of identity providers, as the worker reads it (worker/identity/settings.ts) */
  AUTH_PROVIDERS: z.string().optional(),
  ADMIN_EMAIL: z.email().default(defaultAdminEmail),
  ADMIN_PASSWORD: z.string().min(8).max(1024).optional(),
  DEFAULT_ORGANIZATION_NAME: z.string().trim().min(1).max(100).default('Default Organization'),
  DEFAULT_PROJECT_NAME: z.string().trim().min(1).max(100).default('Default Project'),
});

export type LauncherConfig = {
  port: number;
  host: string;
  dataDir: string;
  runtime: 'embedded' | 'compose';
  docker: DockerWishes;
  publicUrl: string;
  /** settings of the worker that are handed on as they are */
  handedOn: Record<string, string>;
  /** ports of the projects on this machine; null: a free range is chosen at the first start */
  portRange: PortRange | null;
  studioOrigins: string;
  /** where people open Studio; null: nobody said so, and the usual origins are a guess */
  studioUrl: string | null;
  signups: 'open' | 'closed';
  /** null: no mail server is named, and links are shown in the worker's log */
  mail: MailConfig | null;
  /** handed on to the worker; null: people sign in by their password only */
  authProviders: string | null;
  admin: { email: string; password: string | undefined };
  organizationName: string;
  projectName: string;
};

/** Reads the launcher's settings from the environment. Throws a `ZodError` that names what is wrong. */
export function readConfig(variables: Record<string, string | undefined>, workingDirectory: string): LauncherConfig {
  // an empty variable is one that was not set: compose files and CI pass them through like that
  const values = environment.parse(given(variables));
  return {
    port: values.PORT,
    host: values.HOST,
    dataDir: resolve(workingDirectory, values.DATA_DIR),
    runtime: values.RUNTIME,
    docker: {
      imageMap: values.IMAGE_MAP === undefined ? null : resolve(workingDirectory, values.IMAGE_MAP),
      environment: given({
        DOCKER_HOST: values.DOCKER_HOST,
        DOCKER_CONFIG: values.DOCKER_CONFIG,
        HOME: values.HOME,
        PATH: values.PATH,
      }),
    },
    publicUrl: (values.PUBLIC_URL ?? `http://localhost:${values.PORT}`).replace(/\/+$/, ''),
    handedOn: given({
      CLIENT_ADDRESS_HEADER: values.CLIENT_ADDRESS_HEADER,
      RATE_LIMITS: values.RATE_LIMITS,
      AUDIT_RETENTION_DAYS: values.AUDIT_RETENTION_DAYS,
    }),
    portRange: values.PORT_RANGE ?? null,
    studioOrigins: values.STUDIO_URL ?? usualStudioOrigins,
    studioUrl: values.STUDIO_URL?.split(',')[0]?.trim() ?? null,
    signups: values.SIGNUPS,
    mail: mailConfig(given({ ...variables, SMTP_CA_FILE: absolute(values.SMTP_CA_FILE, workingDirectory) })),
    authProviders: values.AUTH_PROVIDERS ?? null,
    admin: { email: values.ADMIN_EMAIL.toLowerCase(), password: values.ADMIN_PASSWORD },
    organizationName: values.DEFAULT_ORGANIZATION_NAME,
    projectName: values.DEFAULT_PROJECT_NAME,
  };
}

function absolute(path: string | undefined, workingDirectory: string): string | undefined {
  return path === undefined ? undefined : resolve(workingDirectory, path);
}

function given(variables: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
  );
}
