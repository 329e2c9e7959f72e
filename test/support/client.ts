import { createClient, type SupafleetClient } from '../../client/index.ts';
import type { TestApp } from './app.ts';
import { testPublicUrl } from './app.ts';

/** A fetch that ends in the app under test. */
export function fetchInto(test: TestApp): typeof globalThis.fetch {
  return async (input, init) => test.app.request(new Request(input, init));
}

/** The real client, speaking to the app under test with the given token. */
export function clientOf(test: TestApp, token: string): SupafleetClient {
  return createClient({ url: testPublicUrl, token, fetch: fetchInto(test) });
}
