import { join } from 'node:path';
import { z } from 'zod';
import { enrolRequest, hostFacts } from '../schema/agent-protocol.ts';
import { portsPerProject } from '../schema/stack-spec.ts';

const environment = z.object({
  /** where the host's key and, unless they must lie elsewhere, its projects are kept */
  SUPAFLEET_AGENT_DATA_DIR: z.string().min(1).optional(),
  /** a one-time enrolment token, for those who keep it out of the process list */
  SUPAFLEET_AGENT_TOKEN: z.string().min(1).optional(),
  XDG_DATA_HOME: z.string().min(1).optional(),
  HOME: z.string().min(1).optional(),
  PATH: z.string().optional(),
  /** Docker's own: where its engine listens, and where its tools keep credentials and plugins */
  DOCKER_HOST: z.string().min(1).optional(),
  DOCKER_CONFIG: z.string().min(1).optional(),
  /** any value: no colours */
  NO_COLOR: z.string().optional(),
});
export type Environment = z.infer<typeof environment>;

/** What the agent reads from its environment. An empty variable is none, as in `docker run -e NAME=`. */
export function readEnvironment(variables: Record<string, string | undefined>): Environment {
  return environment.parse(Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== '')));
}

/** Where a host's key is kept when nobody says where. */
export function defaultDataDir(env: Environment, isRoot: boolean): string {
  if (env.SUPAFLEET_AGENT_DATA_DIR !== undefined) return env.SUPAFLEET_AGENT_DATA_DIR;
  if (isRoot || env.HOME === undefined) return '/var/lib/supafleet';
  return join(env.XDG_DATA_HOME ?? join(env.HOME, '.local', 'share'), 'supafleet-agent');
}

/** `FIRST-LAST` as the two ports it names, both included. */
export const portRange = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'must be two ports: FIRST-LAST')
  .transform((text) => {
    const [first, last] = text.split('-').map(Number);
    return { first: first ?? 0, last: last ?? 0 };
  })
  .pipe(hostFacts.shape.portRange)
  .refine(({ first, last }) => last - first + 1 >= portsPerProject, {
    error: `must hold at least ${portsPerProject} ports, what one project needs`,
  });

/** A name that can stand in DNS: it becomes part of addresses, certificates and configuration. */
const dnsName = z
  .string()
  .max(200)
  .regex(
    /^(?=.{1,200}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    'must be a host name in lower case',
  );

/** Who this host is to be: what `join` needs besides the settings (`settings-of-flags.ts`). */
export const joinFlags = z.object({
  token: z.string({ error: 'is needed (or SUPAFLEET_AGENT_TOKEN)' }).min(1).max(200),
  name: enrolRequest.shape.name,
  region: enrolRequest.shape.region,
  dataDir: z.string().min(1),
  portRange,
  projectHost: dnsName,
});
