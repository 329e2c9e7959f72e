import { z } from '@hono/zod-openapi';

/** SQL as it will run. Postgres ends its text at a NUL, so what stands behind one would be lost without a word. */
export const sqlText = z
  .string()
  .min(1)
  .refine((sql) => !sql.includes('\0'), 'must not contain a NUL character');
