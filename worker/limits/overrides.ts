import { z } from 'zod';
import { defaultLimits, type LimitName } from './policies.ts';

const milliseconds = z
  .int()
  .min(1)
  .max(24 * 60 * 60 * 1000);
const count = z.int().min(1).max(1_000_000);

const policy = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rate'), burst: count, intervalMs: milliseconds }),
  z.strictObject({
    kind: z.literal('backoff'),
    free: count,
    baseMs: milliseconds,
    maximumMs: milliseconds,
    quietMs: milliseconds,
  }),
]);

const names = z.enum(Object.keys(defaultLimits) as [LimitName, ...LimitName[]]);

/** `RATE_LIMITS`: a JSON object of limits that replace the usual ones of the same names. */
export const limitOverrides = z
  .string()
  .default('{}')
  .transform((text, ctx) => {
    try {
      return z.partialRecord(names, policy).parse(JSON.parse(text));
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : 'no JSON';
      ctx.addIssue({ code: 'custom', message: `must be a JSON object of limits by name: ${reason}` });
      return z.NEVER;
    }
  });
