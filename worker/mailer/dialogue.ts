import type { Socket } from 'cloudflare:sockets';

/** What was wrong with a mail server, for the operator's log; holds nothing of the mail and no credential. */
export class SmtpError extends Error {
  override name = 'SmtpError';
}

export type Reply = { code: number; lines: string[] };

const maximumReplyBytes = 64 * 1024;

/** One connection as a dialogue: a line out, a reply in. */
export type Dialogue = {
  /** the next reply; any but `expected` is an error that names `what` was said */
  hear(expected: number, what: string): Promise<Reply>;
  say(text: string): Promise<void>;
  /** leaves the socket to whoever takes over; an error when the server said more than it was asked */
  release(): void;
};

export function dialogue(socket: Pick<Socket, 'readable' | 'writable'>): Dialogue {
  const reader = socket.readable.getReader();
  const writer = socket.writable.getWriter();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let unread = '';

  async function line(): Promise<string> {
    for (;;) {
      const end = unread.indexOf('\n');
      if (end !== -1) {
        const text = unread.slice(0, end).replace(/\r$/, '');
        unread = unread.slice(end + 1);
        return text;
      }
      if (unread.length > maximumReplyBytes) throw new SmtpError('the mail server does not stop talking');
      const { value, done } = await reader.read();
      if (done) throw new SmtpError('the mail server closed the connection');
      unread += decoder.decode(value, { stream: true });
    }
  }

  async function reply(): Promise<Reply> {
    const lines: string[] = [];
    let bytes = 0;
    for (;;) {
      const text = await line();
      bytes += text.length;
      const [, code, more, rest = ''] = /^(\d{3})([ -]?)(.*)$/.exec(text) ?? [];
      if (code === undefined || bytes > maximumReplyBytes) throw new SmtpError('this is no mail server');
      lines.push(rest);
      if (more !== '-') return { code: Number(code), lines };
    }
  }

  return {
    async hear(expected, what) {
      const heard = await reply();
      if (heard.code === expected) return heard;
      const text = heard.lines.join(' ').slice(0, 200);
      throw new SmtpError(`the mail server answered ${heard.code} to ${what}: ${text}`);
    },
    say: (text) => writer.write(encoder.encode(`${text}\r\n`)),
    release() {
      // whoever is in between could have said it, to be taken for the server's under TLS
      if (unread !== '') throw new SmtpError('the mail server spoke before TLS was there');
      reader.releaseLock();
      writer.releaseLock();
    },
  };
}
