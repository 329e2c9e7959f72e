import type { AgentSettings } from './settings.ts';

/** The settings of a host without Docker, which also are those of a host from before there were settings. */
export const embeddedSettings: AgentSettings = {
  runtime: 'embedded',
  edge: { kind: 'ports', address: '127.0.0.1' },
  addressPool: '10.213.0.0/16',
  imageMap: null,
  frontDoor: { address: '127.0.0.1', port: 5432 },
};
