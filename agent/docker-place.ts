import type { HostFacts } from '../schema/agent-protocol.ts';
import type { Environment } from './config.ts';
import { RuntimeFailure } from './runtime-failure.ts';

/** The engine of this machine, and the only variables that Docker's tools are given. */
export type DockerPlace = {
  socketPath: string;
  environment: { PATH: string; HOME?: string; DOCKER_CONFIG?: string };
};

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Where Docker is. Throws a RuntimeFailure for an engine that is not reached through a socket of this machine: what is
 * mounted into containers and the addresses they get are on the engine's own machine.
 */
export function dockerPlace(env: Environment): DockerPlace {
  const host = env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  const socketPath = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
  if (socketPath === undefined) {
    throw new RuntimeFailure(
      'DOCKER_HOST names an engine that is not reached through a socket of this machine (unix:///…); run the agent on ' +
        "the engine's own machine, and unset DOCKER_HOST there",
    );
  }
  return {
    socketPath,
    environment: {
      PATH: env.PATH ?? usualPath,
      ...(env.HOME === undefined ? {} : { HOME: env.HOME }),
      ...(env.DOCKER_CONFIG === undefined ? {} : { DOCKER_CONFIG: env.DOCKER_CONFIG }),
    },
  };
}

/** The same for a host of either runtime: one without Docker does not care how Docker is set up. */
export function dockerPlaceFor(runtime: HostFacts['runtime'], env: Environment): DockerPlace {
  return dockerPlace(runtime === 'compose' ? env : { ...env, DOCKER_HOST: undefined });
}
