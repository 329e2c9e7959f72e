import type { Actor } from '../deps.ts';
import { AppError } from '../errors.ts';

/** What changes the account itself takes a session: a stolen access token could outlive its expiry. Errors: `forbidden`. */
export function requireSignedIn(actor: Pick<Actor, 'credential'>): void {
  if (actor.credential === 'session') return;
  throw new AppError('forbidden', 'This takes somebody who is signed in: an access token may not do it');
}
