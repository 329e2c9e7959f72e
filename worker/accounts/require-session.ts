import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';

/** The session of a person who is there. Errors: `forbidden` for a personal access token, which is for programs. */
export function requireSession({ credential }: Ctx): { sessionId: string } {
  if (credential.kind === 'session') return { sessionId: credential.id };
  throw new AppError('forbidden', 'This is done when signed in, not with a personal access token');
}
