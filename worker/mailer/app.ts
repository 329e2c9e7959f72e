import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import { SmtpError } from './dialogue.ts';

const maximumBodyBytes = 256 * 1024;

/** An address that cannot say anything else to a mail server. */
const address = z
  .string()
  .max(254)
  .regex(/^[^\s<>\p{Cc}]+@[^\s<>@\p{Cc}]+$/u, 'must be one bare address');
const mail = z.object({ to: address, subject: z.string().max(500), text: z.string(), html: z.string() });
export type Mail = z.infer<typeof mail>;

export type MailerDeps = {
  send(mail: Mail): Promise<void>;
  /** told of failures that are none of the mail server's; never of what was to be sent */
  logError(message: string): void;
};

/** `POST /send`: 204 once the mail server has the mail, 502 with its reason when it does not take it. */
export function createMailerApp(deps: MailerDeps): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    if (error instanceof SmtpError) return c.json({ message: error.message }, 502);
    if (error instanceof HTTPException) return c.json({ message: error.message }, error.status);
    deps.logError(`sending failed: ${error.name}`);
    return c.json({ message: 'Internal error' }, 500);
  });
  app.notFound((c) => c.json({ message: 'Not found' }, 404));
  app.use(
    bodyLimit({
      maxSize: maximumBodyBytes,
      onError: () => {
        throw new HTTPException(413, { message: 'The mail is larger than 256 KB' });
      },
    }),
  );
  app.post('/send', async (c) => {
    const parsed = mail.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) {
      const fields = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      throw new HTTPException(400, { message: fields.join('; ') });
    }
    await deps.send(parsed.data);
    return c.body(null, 204);
  });
  return app;
}
