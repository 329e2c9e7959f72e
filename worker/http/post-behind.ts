import { deliver } from '../mail/deliver.ts';
import type { Letter } from '../mail/letter.ts';
import type { Bindings, Variables } from './variables.ts';

type Context = { env: Bindings | undefined; get<K extends keyof Variables>(key: K): Variables[K] };

/**
 * Sends letters behind the answer where the runtime lets work go on, so that how long an answer takes tells nobody
 * whether a mail went out; elsewhere before it.
 */
export async function postBehind(c: Context, letters: readonly Letter[]): Promise<void> {
  const deps = c.get('deps');
  const work = Promise.all(letters.map((letter) => deliver(deps, letter)));
  // there are no bindings at all where the app is called without a runtime
  const background = c.env?.background;
  if (background === undefined) await work;
  else background(work);
}
