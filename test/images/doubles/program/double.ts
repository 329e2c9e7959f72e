import type { IncomingMessage } from 'node:http';

/** The variables of a container. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type Answer = { status: number; body?: unknown };

/**
 * What stands in for a service: it refuses the environments that the service would refuse, answers what health checks
 * ask, and nothing more.
 */
export type Double = {
  /** Answers where it listens. Rejects with a Misconfigured that names the variable. `args` is the container's command. */
  check(env: Environment, args: string[]): Promise<Listening | Finished>;
  /** null: not one of the paths it knows */
  answer(request: IncomingMessage, env: Environment): Promise<Answer | null>;
  /** whether an upgrade to a websocket is taken; without it none is */
  upgrade?(request: IncomingMessage, env: Environment): Promise<boolean>;
};

type Listening = { port: number; host?: string };

/** The command was one that ends by itself. */
type Finished = 'finished';

/** An environment the service could not run in. The message names the variable and never holds its value. */
export class Misconfigured extends Error {}
