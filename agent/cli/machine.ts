import type { Environment } from '../config.ts';

/** What only the process knows. */
export type Machine = {
  /** path of the Node that runs */
  node: string;
  /** path of the program that runs */
  program: string;
  user: string;
  isRoot: boolean;
  temporary: string;
  agentVersion: string;
  env: Environment;
};
