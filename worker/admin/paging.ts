import { z } from 'zod';

const usualLimit = 50;

/** The input of every list; all of it may be left out. */
export const pageInput = z.object({
  limit: z.int().min(1).max(100).optional(),
  cursor: z.string().max(200).optional(),
});

/** Cursors are opaque to clients; where they are numbers, others are refused by name. */
export const numericCursor = z
  .string()
  .regex(/^\d{1,15}$/, 'must be the nextCursor of another page')
  .transform(Number)
  .optional();

/** How many a page holds: what was asked for, else the usual. */
export function limitOf(input: { limit?: number | undefined } | undefined): number {
  return input?.limit ?? usualLimit;
}

/** The `nextCursor` of a page; null: it was the last. */
export function cursorOf(next: number | string | null): string | null {
  return next === null ? null : String(next);
}
