import { z } from 'zod';

const address = /^[^\s<>"(),:;@[\]\\\p{Cc}]+@[A-Za-z0-9.-]+$/u;

/** `fleet@example.com`, or with the name people see: `Our fleet <fleet@example.com>`. */
const sender = z.string().transform((text, ctx) => {
  const [, name = '', email = text.trim()] = /^\s*([^<>\p{Cc}]*?)\s*<([^<>]+)>\s*$/u.exec(text) ?? [];
  if (address.test(email)) return { name: name.replace(/^"(.*)"$/, '$1'), email };
  ctx.addIssue({ code: 'custom', message: 'must be an address, or a name and an address in <>' });
  return z.NEVER;
});

const usualPorts = { none: 25, starttls: 587, tls: 465 };

/** How mail goes out, as variables of the environment. */
export const mailSettings = z
  .object({
    SMTP_HOST: z.string().regex(/^[A-Za-z0-9._:-]+$/, 'must be a host name or an address'),
    SMTP_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
    SMTP_USER: z.string().default(''),
    SMTP_PASS: z.string().default(''),
    /** `starttls` and `tls` never go on without: a server that offers neither is not used */
    SMTP_SECURITY: z.enum(['none', 'starttls', 'tls']).default('starttls'),
    MAIL_FROM: sender,
  })
  .transform((values) => ({
    host: values.SMTP_HOST,
    port: values.SMTP_PORT ?? usualPorts[values.SMTP_SECURITY],
    security: values.SMTP_SECURITY,
    credentials: values.SMTP_USER === '' ? null : { user: values.SMTP_USER, password: values.SMTP_PASS },
    from: values.MAIL_FROM,
  }));
export type MailSettings = z.output<typeof mailSettings>;

/** What they are called, for whoever hands them on. */
export const mailVariables = [
  'SMTP_HOST',
  'SMTP_PORT',
  'SMTP_USER',
  'SMTP_PASS',
  'SMTP_SECURITY',
  'MAIL_FROM',
] as const;
