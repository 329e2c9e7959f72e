import { systemClock } from '../system.ts';
import { createHasherApp } from './app.ts';
import { createQueue } from './queue.ts';

const pace = {
  now: systemClock.now,
  pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
};

const app = createHasherApp({
  queue: createQueue(pace, { waiting: 32, everyMs: 5, goneAfterMs: 3_000 }),
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  // biome-ignore lint/suspicious/noConsole: a Worker's log is its console
  logError: (message) => console.error(JSON.stringify({ level: 'error', message })),
});

/** The entry of the password hasher: a Worker of its own, because hashing keeps a thread busy. */
export default { fetch: (request: Request): Response | Promise<Response> => app.fetch(request) };
