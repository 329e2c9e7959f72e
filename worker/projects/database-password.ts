import { z } from 'zod';

const hasControlCharacter = /[\p{Cc}\p{Cs}]/u;

/** The password of `postgres`. It is quoted wherever it is used, so any letter will do. */
export const databasePassword = z
  .string()
  .min(8, 'must be at least 8 characters')
  .max(256, 'must be at most 256 characters')
  .refine((password) => !hasControlCharacter.test(password), 'must not contain control characters');
