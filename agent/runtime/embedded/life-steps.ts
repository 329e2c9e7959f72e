/**
 * What of a project's life stands after each step, in order. Between any two of them the agent may die: each name is a
 * promise that the next agent goes on from there.
 */
export const lifeSteps = [
  'program copied',
  'programs installed',
  'template begun',
  'template initialized',
  'template converged',
  'template stopped',
  'template named',
  'directory begun',
  'directory copied',
  'directory named',
  'rooms made',
  'database spawned',
  'database started',
  'database converged',
  'rest spawned',
  'rest started',
  'gateway opened',
  'stamp written',
  'gateway closed',
  'services stopped',
  'database stopped',
  'directory renamed',
  'directory removed',
] as const;

export type LifeStep = (typeof lifeSteps)[number];
