import { z } from 'zod';
import type { Mailer } from './deps.ts';

/** A service binding. */
export type MailerBinding = { fetch(request: Request): Promise<Response> };

const failure = z.object({ message: z.string() });
/** longer than the mailer itself waits for a mail server */
const defaultTimeoutMs = 40_000;

/** Mail, sent by another Worker; what it answers says why the mail server did not take one. */
export function createMailerClient(binding: MailerBinding, options: { timeoutMs?: number } = {}): Mailer {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  return {
    async send(mail) {
      // the host is no address: the binding decides where it goes
      const request = new Request('http://mailer/send', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(mail),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const response = await binding.fetch(request);
      if (!response.ok) throw new Error(await reasonOf(response));
    },
  };
}

async function reasonOf(response: Response): Promise<string> {
  try {
    return failure.parse(await response.json()).message;
  } catch {
    return `the mailer answered ${response.status}`;
  }
}
