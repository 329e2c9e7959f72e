import { GoTrueClient } from '@supabase/auth-js';
import { type TestApp, testPublicUrl } from './app.ts';

/** The official client in a browser of its own: nothing is shared with other clients. */
export function authClient(test: TestApp, options: { flowType?: 'implicit' | 'pkce' } = {}): GoTrueClient {
  const kept = new Map<string, string>();
  return new GoTrueClient({
    url: `${testPublicUrl}/auth/v1`,
    autoRefreshToken: false,
    detectSessionInUrl: false,
    ...options,
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
    fetch: (url, init) => Promise.resolve(test.app.request(String(url), init)),
  });
}

/** As `createPerson` makes them. */
export const testPassword = 'correct horse battery';
