import { type AddressInfo, createServer } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export type MailServer = {
  port: number;
  /** mails it took, oldest first */
  received: ParsedMail[];
  /** whether TLS was there when it took each */
  secured: boolean[];
  stop(): Promise<void>;
};

export type MailServerOptions = {
  /** `tls`: from the first byte; `starttls`: when asked; `none`: never */
  security: 'none' | 'starttls' | 'tls';
  certificate: { key: string; cert: string };
  /** who may send; null: everyone */
  credentials: { user: string; password: string } | null;
  /** addresses it knows nobody at */
  unknown?: string;
};

/** A real mail server on a loopback port. */
export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const { security, credentials } = options;
  const received: ParsedMail[] = [];
  const secured: boolean[] = [];
  const server = new SMTPServer({
    ...options.certificate,
    secure: security === 'tls',
    disabledCommands: security === 'none' ? ['STARTTLS'] : [],
    authOptional: credentials === null,
    allowInsecureAuth: security === 'none',
    onAuth: ({ username, password }, _session, done) => {
      const isRight = username === credentials?.user && password === credentials?.password;
      done(isRight ? null : new Error('Invalid username or password'), { user: username });
    },
    onRcptTo: ({ address }, _session, done) => {
      done(address === options.unknown ? Object.assign(new Error('No such user'), { responseCode: 550 }) : null);
    },
    onData: (stream, session, done) => {
      simpleParser(stream).then((mail) => {
        received.push(mail);
        secured.push(session.secure);
        done();
      }, done);
    },
  });
  // a client that does not trust the certificate says so by going
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server.server.address()),
    received,
    secured,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Something on a mail server's port that says what it is told to, then hangs up; or never speaks (null). */
export async function startOddServer(says: string | null): Promise<{ port: number; stop(): Promise<void> }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (says !== null) socket.end(says);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server.address()),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
