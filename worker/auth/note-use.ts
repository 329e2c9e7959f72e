import type { MiddlewareHandler } from 'hono';
import { noteTokenUse, tokenUsePrecisionMs } from '../accounts/note-token-use.ts';
import type { AppEnv } from '../http/variables.ts';

/** that many tokens are remembered as noted, about 100 bytes each; a forgotten one costs a write that changes nothing */
const remembered = 5_000;

/**
 * Notes behind the answer that an access token was used, at most once per token and ten minutes. Only where the runtime
 * lets work go on behind an answer; the request itself waits for none of it.
 */
export function noteUse(): MiddlewareHandler<AppEnv> {
  const notedAt = new Map<string, number>();
  return async (c, next) => {
    await next();
    const credential = c.get('credential');
    // there are no bindings at all where the app is called without a runtime
    const background = c.env?.background;
    if (credential?.kind !== 'token' || background === undefined || !c.res.ok) return;
    const deps = c.get('deps');
    const now = deps.clock.now();
    if (now - (notedAt.get(credential.id) ?? 0) < tokenUsePrecisionMs) return;
    const oldest = notedAt.size >= remembered ? notedAt.keys().next().value : undefined;
    if (oldest !== undefined) notedAt.delete(oldest);
    notedAt.set(credential.id, now);
    background(noteTokenUse(deps, credential.id, now));
  };
}
