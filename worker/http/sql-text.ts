import { z } from '@hono/zod-openapi';

/** SQL as it will run. What cannot be sent to Postgres as it is would be lost, or kept as something else. */
export const sqlText = z
  .string()
  .min(1)
  .refine((sql) => !sql.includes('\0'), 'must not contain a NUL character');
