import { z } from '@hono/zod-openapi';
import { isShallow } from '../shallow.ts';
import { sqlText } from '../sql-text.ts';

/** What every request to run SQL says; each door adds its own members. */
export const sqlBody = z.object({
  query: sqlText,
  parameters: z.array(z.unknown()).max(65_535).refine(isShallow, 'nests too deeply').default([]),
});
