import type { ConvergeOptions } from '../../converge/converge.ts';
import type { Host } from './host.ts';

/**
 * None of the services that bring their own schema runs here, so converge makes their tables. The superuser has no use for
 * a password: it gets in by its system user alone.
 */
export function convergeOptions(host: Pick<Host, 'randomBytes'>, dbPassword: string): ConvergeOptions {
  return {
    ...convergeShape,
    dbPassword,
    adminPassword: null,
    randomBytes: (size) => Buffer.from(host.randomBytes(size)),
  };
}

/** What the SQL itself depends on: the same for every project of every embedded host. */
export const convergeShape = {
  jwtExpirySeconds: 3600,
  services: { auth: false, storage: false, realtime: false },
};
