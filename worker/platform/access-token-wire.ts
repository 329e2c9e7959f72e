import { z } from '@hono/zod-openapi';
import type { AccessToken } from '../accounts/access-token.ts';
import { isoTime } from '../projects/iso-time.ts';
import { givenName } from '../projects/name.ts';

/** What tokens of both kinds are made of. */
export const newTokenFields = {
  name: givenName,
  expires_at: z.iso
    .datetime({ offset: true })
    .nullable()
    .optional()
    .transform((time) => (time == null ? null : Date.parse(time))),
};

export const tokenId = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'must be the id of an access token')
    .transform(Number),
});

export function tokenTimes({ createdAt, expiresAt, lastUsedAt }: AccessToken) {
  return {
    created_at: isoTime(createdAt),
    expires_at: expiresAt === null ? null : isoTime(expiresAt),
    last_used_at: lastUsedAt === null ? null : isoTime(lastUsedAt),
  };
}
