/** What `supafleet` ends with; part of its interface, so that scripts can tell what went wrong. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notSignedIn: 3,
  unreachable: 4,
  notIntact: 5,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `
Exit codes:
  0    done
  1    refused or failed; the last lines on stderr say why and what to do
  2    wrong usage
  3    not signed in: no token, or one that is not accepted
  4    the control plane does not answer
  5    what was verified is not as it was written
  130  interrupted by Ctrl-C
`;
