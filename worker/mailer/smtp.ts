import type { connect, Socket } from 'cloudflare:sockets';
import type { MailSettings } from '../../schema/mail-settings.ts';
import { type Dialogue, dialogue, SmtpError } from './dialogue.ts';
import { base64 } from './message.ts';

/** A message on its way: `data` is the whole mail in lines that end with CRLF, none of them a lone dot. */
export type Envelope = { from: string; to: string; data: string };

/**
 * Hands one mail to the mail server, on a connection of its own. What the settings say of TLS is never less: without it
 * nothing is said but what asks for it. Throws `SmtpError`.
 */
export async function sendMail(
  settings: MailSettings,
  envelope: Envelope,
  options: { connect: typeof connect; timeoutMs: number; pause(milliseconds: number): Promise<void> },
): Promise<void> {
  const { host, port, security } = settings;
  const transports = { none: 'off', starttls: 'starttls', tls: 'on' } as const;
  const sockets: Socket[] = [
    options.connect({ hostname: host, port }, { secureTransport: transports[security], allowHalfOpen: false }),
  ];
  const late = options.pause(options.timeoutMs).then(() => {
    throw new SmtpError(`the mail server took longer than ${options.timeoutMs / 1000} s`);
  });
  const work = converse(settings, envelope, sockets);
  try {
    await Promise.race([work, late]);
  } catch (error) {
    if (error instanceof SmtpError) throw error;
    throw new SmtpError(`no connection to ${host}:${port} (${security}): ${reason(error)}`);
  } finally {
    // whichever lost the race has nobody left to tell
    for (const outcome of [work, late]) outcome.catch(() => undefined);
    for (const socket of sockets) socket.close().catch(() => undefined);
  }
}

/** `sockets`: gets the one that TLS puts in the first one's place. */
async function converse(settings: MailSettings, envelope: Envelope, sockets: Socket[]): Promise<void> {
  const [socket] = sockets;
  if (socket === undefined) throw new Error('there is no socket to speak over');
  const name = settings.from.email.split('@').at(-1) ?? 'localhost';
  await socket.opened;
  let talk = dialogue(socket);
  await talk.hear(220, 'the connection');
  let offers = await greet(talk, name);
  if (settings.security === 'starttls') {
    if (!offers.has('STARTTLS')) throw new SmtpError('the mail server offers no STARTTLS');
    await talk.say('STARTTLS');
    await talk.hear(220, 'STARTTLS');
    talk.release();
    const secured = socket.startTls();
    sockets.push(secured);
    talk = dialogue(secured);
    offers = await greet(talk, name);
  }
  if (settings.credentials !== null) await authenticate(talk, offers, settings.credentials);
  await talk.say(`MAIL FROM:<${envelope.from}>`);
  await talk.hear(250, 'MAIL FROM');
  await talk.say(`RCPT TO:<${envelope.to}>`);
  await talk.hear(250, 'RCPT TO');
  await talk.say('DATA');
  await talk.hear(354, 'DATA');
  await talk.say(`${envelope.data}\r\n.`);
  await talk.hear(250, 'the mail');
  // it has the mail: what it says to this changes nothing
  await talk.say('QUIT').catch(() => undefined);
}

/** What the server can do: each name with its parameters. */
async function greet(talk: Dialogue, name: string): Promise<Map<string, string[]>> {
  await talk.say(`EHLO ${name}`);
  const { lines } = await talk.hear(250, 'EHLO');
  return new Map(
    lines.slice(1).map((line) => {
      const [offer = '', ...parameters] = line.toUpperCase().split(/[ =]+/);
      return [offer, parameters];
    }),
  );
}

async function authenticate(
  talk: Dialogue,
  offers: ReadonlyMap<string, string[]>,
  { user, password }: { user: string; password: string },
): Promise<void> {
  const ways = offers.get('AUTH') ?? [];
  const encoded = (text: string) => base64(new TextEncoder().encode(text));
  if (ways.includes('PLAIN')) {
    await talk.say(`AUTH PLAIN ${encoded(`\0${user}\0${password}`)}`);
  } else if (ways.includes('LOGIN')) {
    await talk.say('AUTH LOGIN');
    await talk.hear(334, 'AUTH LOGIN');
    await talk.say(encoded(user));
    await talk.hear(334, 'the user name');
    await talk.say(encoded(password));
  } else {
    throw new SmtpError('the mail server offers neither AUTH PLAIN nor AUTH LOGIN here');
  }
  await talk.hear(235, 'AUTH');
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
