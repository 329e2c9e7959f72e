import { z } from 'zod';

const maximumLetters = 256;

/**
 * A name people give: taken literally, whatever it looks like to a shell, to YAML or to SQL. Line breaks and tabs are
 * letters like others; other control characters, broken text and names of blanks only are refused.
 */
export const givenName = z
  .string()
  .max(4 * maximumLetters, `must be at most ${maximumLetters} characters`)
  .refine((name) => [...name].length <= maximumLetters, `must be at most ${maximumLetters} characters`)
  .refine((name) => name.trim() !== '', 'must not be empty')
  .refine((name) => !hasControlCharacter(name), 'must not contain control characters');

function hasControlCharacter(text: string): boolean {
  // a surrogate without its other half is no letter and would not come back as it was
  return /[\p{Cc}\p{Cs}]/u.test(text.replace(/[\t\n\r]/g, ''));
}
