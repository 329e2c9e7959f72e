import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { writeWhole } from '../agent/write-whole.ts';
import type { ServiceDefinition } from './service.ts';

export const compatibilityDate = '2026-11-01';

export type WorkerdOptions = {
  /** holds the bundles, and gets the generated configuration */
  buildDir: string;
  /** host:port to listen on */
  address: string;
  hasherSocket: string;
  /** host:port on this machine; null: wherever DATABASE_URL says, found anew for each connection */
  databaseAddress: string | null;
  /** becomes the worker's variables; kept out of the configuration file */
  variables: Record<string, string>;
  /** how mail goes out; null or left out: it does not */
  mail?: MailWay | null;
  logFile: string | null;
};

/** `variables`: the mailer's own, kept out of the file as well; `certificates`: PEM of who else may vouch for the server. */
export type MailWay = { variables: Record<string, string>; certificates: string | null };

/**
 * The control plane's worker. Its ways out are apart: database, projects, identity providers and mail servers where there are
 * any, and the public internet only.
 */
export async function workerService(options: WorkerdOptions): Promise<ServiceDefinition> {
  const path = join(options.buildDir, 'worker.capnp');
  await writeWhole(path, workerConfig(options), 0o600);
  return workerdService('worker', path, { ...options.variables, ...options.mail?.variables }, options.logFile);
}

/** Password hashing in a process of its own, on a socket only this user can reach. */
export async function hasherService(options: {
  buildDir: string;
  hasherSocket: string;
  logFile: string | null;
}): Promise<ServiceDefinition> {
  const path = join(options.buildDir, 'hasher.capnp');
  await writeWhole(path, hasherConfig(options.hasherSocket), 0o600);
  return {
    ...workerdService('hasher', path, {}, options.logFile),
    // twenty people who sign in at once take both processors of a small machine; whoever is in already goes first
    niceness: 10,
    prepare: () => rm(options.hasherSocket, { force: true }),
  };
}

/** Pure: the worker's configuration for workerd, without a secret in it. */
export function workerConfig(options: Omit<WorkerdOptions, 'buildDir' | 'logFile'>): string {
  const mail = mailParts(options.mail ?? null);
  const identity = 'AUTH_PROVIDERS' in options.variables ? identityWay : { services: '', bindings: '' };
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "hasher", external = (address = ${text(`unix:${options.hasherSocket}`)}, http = ())),
    (name = "database", ${databaseWay(options.databaseAddress)}),
    (name = "projects", ${anywhere}),
    (name = "internet", network = (allow = ["public"], tlsOptions = (trustBrowserCas = true))),${identity.services}${mail.services}
  ],
  sockets = [(name = "http", address = ${text(options.address)}, http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = ${text(compatibilityDate)},
  bindings = [
    (name = "DATABASE", service = "database"),
    (name = "PROJECTS", service = "projects"),
    (name = "HASHER", service = "hasher"),${identity.bindings}${mail.bindings}${fromEnvironment(options.variables)}
  ],
  globalOutbound = "internet",
);
${mail.worker}`;
}

/** How the worker gets to the mailer, and that to mail servers: they may be anywhere, on this machine as well. */
function mailParts(mail: MailWay | null): { services: string; bindings: string; worker: string } {
  if (mail === null) return { services: '', bindings: '', worker: '' };
  const trusted = mail.certificates === null ? '' : `, trustedCertificates = [${text(mail.certificates)}]`;
  return {
    services: `
    (name = "mailer", worker = .mailer),
    (name = "mail-servers", network = (
      allow = ["local", "private", "public"],
      tlsOptions = (trustBrowserCas = true${trusted}),
    )),`,
    bindings: `
    (name = "MAILER", service = "mailer"),`,
    worker: `const mailer :Workerd.Worker = (
  modules = [(name = "mailer.js", esModule = embed "mailer.js")],
  compatibilityDate = ${text(compatibilityDate)},
  bindings = [${fromEnvironment(mail.variables)}
  ],
  globalOutbound = "mail-servers",
);
`,
  };
}

function fromEnvironment(variables: Record<string, string>): string {
  return Object.keys(variables)
    .map((name) => `\n    (name = ${text(name)}, fromEnvironment = ${text(name)}),`)
    .join('');
}

const anywhere = 'network = (allow = ["local", "private", "public"], tlsOptions = (trustBrowserCas = true))';

/** To the identity providers that the operator named, which may be inside the operator's own network. */
const identityWay = {
  services: `
    (name = "identity", ${anywhere}),`,
  bindings: `
    (name = "IDENTITY", service = "identity"),`,
};

/** Pure: the hasher's configuration; it can reach nothing. */
export function hasherConfig(hasherSocket: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "hasher", worker = .hasher),
    (name = "nothing", network = (allow = [])),
  ],
  sockets = [(name = "http", address = ${text(`unix:${hasherSocket}`)}, http = (), service = "hasher")],
);
const hasher :Workerd.Worker = (
  modules = [(name = "hasher.js", esModule = embed "hasher.js")],
  compatibilityDate = ${text(compatibilityDate)},
  globalOutbound = "nothing",
);
`;
}

function databaseWay(address: string | null): string {
  return address === null ? anywhere : `external = (address = ${text(address)}, http = ())`;
}

function workerdService(
  name: string,
  configFile: string,
  environment: Record<string, string>,
  logFile: string | null,
): ServiceDefinition {
  const platform = process.arch === 'arm64' ? 'linux-arm64' : 'linux-64';
  const packageFile = createRequire(import.meta.url).resolve(`@cloudflare/workerd-${platform}/package.json`);
  return {
    name,
    command: join(dirname(packageFile), 'bin/workerd'),
    args: ['serve', configFile],
    environment,
    cwd: dirname(configFile),
    logFile,
    stopWithinMs: 900,
  };
}

/** A capnp text literal. */
function text(value: string): string {
  return JSON.stringify(value);
}
