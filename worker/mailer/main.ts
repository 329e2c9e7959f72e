import { connect } from 'cloudflare:sockets';
import { z } from 'zod';
import { mailSettings } from '../../schema/mail-settings.ts';
import { systemClock, systemRandom } from '../system.ts';
import { createMailerApp } from './app.ts';
import { message } from './message.ts';
import { sendMail } from './smtp.ts';

const timeoutMs = 30_000;
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

let app: ReturnType<typeof createMailerApp> | undefined;

/** The entry of the mailer: a Worker of its own, because mail servers are where the worker itself must not reach. */
export default {
  fetch(request: Request, bindings: unknown): Response | Promise<Response> {
    try {
      app ??= build(bindings);
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      return Response.json({ message: `the mailer is not configured: ${reason}` }, { status: 500 });
    }
    return app.fetch(request);
  },
};

function build(bindings: unknown) {
  const settings = mailSettings.parse(bindings);
  const { from } = settings;
  return createMailerApp({
    send: ({ to, ...mail }) => {
      const data = message({ from, to, ...mail, at: systemClock.now(), id: systemRandom.uuid() });
      return sendMail(settings, { from: from.email, to, data }, { connect, timeoutMs, pause });
    },
    // biome-ignore lint/suspicious/noConsole: a Worker's log is its console
    logError: (text) => console.error(JSON.stringify({ level: 'error', message: text })),
  });
}
