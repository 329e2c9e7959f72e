import { z } from '@hono/zod-openapi';

// what the paths and queries of several doors have in common

/** Any text is taken for a ref: a malformed one is answered as every other that nobody has. */
export const refParams = z.object({ ref: z.string() });
export const slugParams = z.object({ slug: z.string() });

/** A part of a list; lists that clients expect whole come whole up to `mostByDefault`. */
export function listWindow(mostByDefault: number) {
  return z.object({
    limit: z.coerce.number().int().min(1).max(1000).default(mostByDefault),
    offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
  });
}
