import type { Deps } from '../deps.ts';
import type { Letter } from './letter.ts';

export type Delivery = 'sent' | 'failed' | 'logged';

/**
 * Sends a letter. Never throws: a mail server that is down is no reason to refuse what was asked. Where none is
 * configured, the log gets the link, so that an operator can pass it on; it is the one place where such a link is logged.
 */
export async function deliver({ log, mailer }: Pick<Deps, 'log' | 'mailer'>, letter: Letter): Promise<Delivery> {
  const { link, ...mail } = letter;
  const { to, subject } = mail;
  if (mailer === null) {
    log.info('no mail server is configured: this was not sent', { to, subject, ...(link !== null && { link }) });
    return 'logged';
  }
  try {
    await mailer.send(mail);
    return 'sent';
  } catch (error) {
    log.error('a mail was not sent', { to, subject, reason: error instanceof Error ? error.message : String(error) });
    return 'failed';
  }
}
