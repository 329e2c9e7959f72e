/** The statuses Studio and the CLI know. Computed on read, never stored. */
export const projectStatuses = [
  'ACTIVE_HEALTHY',
  'ACTIVE_UNHEALTHY',
  'COMING_UP',
  'GOING_DOWN',
  'INACTIVE',
  'INIT_FAILED',
  'PAUSING',
  'PAUSE_FAILED',
  'REMOVED',
  'RESTARTING',
  'RESTORING',
  'RESTORE_FAILED',
  'RESIZING',
  'UPGRADING',
  'UNKNOWN',
] as const;
export type ProjectStatus = (typeof projectStatuses)[number];

/** What an operator or user wants a project to be. `removed` is a state, so that absence destroys nothing. */
export const powers = ['running', 'paused', 'removed'] as const;
export type Power = (typeof powers)[number];

/** The last change asked for: it names the transition a status shows on the way. */
export const changes = ['create', 'configure', 'resize', 'upgrade', 'pause', 'restore', 'restart', 'remove'] as const;
export type Change = (typeof changes)[number];

/** What an agent says of a stack it looked at. */
export const phases = ['starting', 'healthy', 'unhealthy', 'stopping', 'stopped', 'removed', 'failed'] as const;
export type Phase = (typeof phases)[number];

/** Services of a stack, in Studio's names. */
export const serviceNames = ['db', 'auth', 'rest', 'realtime', 'storage', 'functions', 'pg_meta', 'pooler'] as const;
export type ServiceName = (typeof serviceNames)[number];
