/**
 * What of a project's life stands after each step, in order. Between any two of them the agent may die: each name is a
 * promise that the next agent goes on from there.
 */
export const lifeSteps = [
  'host files written',
  'host stack up',
  'directory made',
  'ledger written',
  'file written',
  'files written',
  'up begun',
  'database converged',
  'stack up',
  'edge file written',
  'edge loaded',
  'probed',
  'applied written',
  'edge paused',
  'containers stopped',
  'route removed',
  'stack down',
  'leftovers removed',
  'directory renamed',
  'directory removed',
] as const;

export type LifeStep = (typeof lifeSteps)[number];
