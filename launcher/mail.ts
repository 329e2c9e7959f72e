import { readFile } from 'node:fs/promises';
import { mailSettings, mailVariables } from '../schema/mail-settings.ts';
import { StartFailure } from './failure.ts';
import type { MailWay } from './workerd.ts';

/** How mail goes out; `caFile`: PEM of who vouches for the mail server, beside the authorities that browsers trust. */
export type MailConfig = { variables: Record<string, string>; caFile: string | null };

const names = new Set<string>(mailVariables);

/**
 * The mailer's variables among those that are set; null: no mail server is named. The mailer reads them itself, but a
 * slip is told before anything runs: throws a `ZodError`.
 */
export function mailConfig(given: Record<string, string>): MailConfig | null {
  if (given.SMTP_HOST === undefined) return null;
  mailSettings.parse(given);
  return {
    variables: Object.fromEntries(Object.entries(given).filter(([name]) => names.has(name))),
    caFile: given.SMTP_CA_FILE ?? null,
  };
}

/** With the certificates read. Throws a `StartFailure`. */
export async function mailWay(mail: MailConfig | null): Promise<MailWay | null> {
  if (mail === null) return null;
  const { variables, caFile } = mail;
  if (caFile === null) return { variables, certificates: null };
  try {
    return { variables, certificates: await readFile(caFile, 'utf8') };
  } catch (error) {
    throw new StartFailure(`SMTP_CA_FILE cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
