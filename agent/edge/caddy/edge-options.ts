import type { EdgeSettings } from '../../settings.ts';

/** What the edge is told besides its projects. Paths are as Caddy sees them, in its container. */
export type EdgeOptions = {
  edge: EdgeSettings;
  /** projects are `<ref>.<projectHost>` where they have names */
  projectHost: string;
  /** the Unix socket on which Caddy takes configurations */
  adminSocket: string;
  /** where Caddy keeps certificates */
  storage: string;
  /** the operator's certificate, where the settings name files; `version` differs when their content does */
  certificateFiles?: { certificate: string; key: string; version: string };
};
