import { z } from 'zod';
import { AppError } from '../errors.ts';

const email = z.email().max(254);
const minimumBytes = 8;
const maximumBytes = 1024;

/** The one spelling of an address that is stored and looked up. */
export function canonicalEmail(text: string): string {
  return text.trim().toLowerCase();
}

/** A new account's address, canonical. Errors: `invalid_input`. */
export function requireEmail(text: string): string {
  const canonical = canonicalEmail(text);
  if (!email.safeParse(canonical).success) throw new AppError('invalid_input', 'email: must be an email address');
  return canonical;
}

/**
 * The password as it is hashed: NFKC, so that one password typed on two keyboards is one. Null: not a password of
 * 8 to 1024 bytes, so it is no account's.
 */
export function canonicalPassword(text: string): string | null {
  if (/\p{Surrogate}/u.test(text)) return null;
  const canonical = text.normalize('NFKC');
  const bytes = new TextEncoder().encode(canonical).length;
  return bytes >= minimumBytes && bytes <= maximumBytes ? canonical : null;
}

/** A new password, canonical. Errors: `invalid_input`. */
export function requirePassword(text: string): string {
  const canonical = canonicalPassword(text);
  if (canonical === null) {
    throw new AppError('invalid_input', `password: must have ${minimumBytes} to ${maximumBytes} bytes of valid text`);
  }
  return canonical;
}
