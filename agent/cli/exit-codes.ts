import type { HaltKind } from '../control-plane-failure.ts';

/** What `supafleet-agent` ends with; part of its interface, so that a supervisor can tell what not to start again. */
export const exitCodes = { done: 0, failed: 1, usage: 2, revoked: 3, versionUnsupported: 4, keyInUse: 5 } as const;

/** The exit code by which a service manager knows that another start would end the same way. */
export function exitCodeOf(kind: HaltKind): number {
  switch (kind) {
    case 'revoked':
      return exitCodes.revoked;
    case 'version-unsupported':
      return exitCodes.versionUnsupported;
    case 'key-in-use':
      return exitCodes.keyInUse;
    default:
      return kind satisfies never;
  }
}

/** What `--help` says of the exit codes. */
export const exitCodesHelp = `
Exit codes:
  0  done, or stopped by SIGTERM or SIGINT
  1  failed; the last line on stderr says why
  2  wrong usage
  3  this host was revoked
  4  the control plane does not serve this version of the agent
  5  the host's key is used by another agent`;
