export type SystemInfo = {
  version: string;
  agentProtocol: number;
  /** the answer itself proves it: it was read from there */
  database: 'reachable';
  now: string;
};
