import { z } from 'zod';
import { AppError } from '../errors.ts';

/** What clients keep with their user (`user_metadata`): told to its owner, and asked for no decision. */
export type UserMetadata = Record<string, unknown>;

/** Each access token carries it, and headers have to get through proxies. */
const maximumBytes = 4096;

const metadata = z.record(z.string(), z.unknown());

/** The metadata of an account, as its row has it. */
export function metadataOf(account: { userMetadata: string }): UserMetadata {
  return metadata.parse(JSON.parse(account.userMetadata));
}

/** The row's text with changes: names are replaced one by one, those that become null go. Errors: `invalid_input`. */
export function mergedMetadata(kept: string, changes: UserMetadata): string {
  const next = { ...metadataOf({ userMetadata: kept }), ...changes };
  const text = JSON.stringify(Object.fromEntries(Object.entries(next).filter(([, value]) => value !== null)));
  if (new TextEncoder().encode(text).byteLength <= maximumBytes) return text;
  throw new AppError('invalid_input', `data: must be ${maximumBytes} bytes of JSON at most`);
}
