import { z } from '@hono/zod-openapi';

/** A list that never has anything in it. */
export const emptyList = z.array(z.never()).openapi({ type: 'array', items: {}, maxItems: 0 });

/**
 * A JSON answer of a route. Its schema is what the OpenAPI document says and what the handler has to return to compile;
 * nothing checks it while requests run.
 */
export function answer<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}
