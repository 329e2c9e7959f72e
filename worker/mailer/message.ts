export type Message = {
  from: { name: string; email: string };
  to: string;
  subject: string;
  text: string;
  html: string;
  /** milliseconds since the epoch */
  at: number;
  /** differs for each message */
  id: string;
};

/** A mail as it goes over the wire (RFC 5322), in lines that end with CRLF. Bodies are base64, so none is a lone dot. */
export function message({ from, to, subject, text, html, at, id }: Message): string {
  const boundary = `=_${id}`;
  const part = (type: string, body: string) => [
    `--${boundary}`,
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: base64',
    '',
    ...(base64(new TextEncoder().encode(body)).match(/.{1,76}/g) ?? []),
  ];
  return [
    `From: ${from.name === '' ? '' : `${encodedWords(from.name)}\r\n `}<${from.email}>`,
    `To: <${to}>`,
    `Subject: ${encodedWords(subject)}`,
    `Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}@${from.email.split('@').at(-1)}>`,
    'MIME-Version: 1.0',
    // no answer of a program to a program (RFC 3834)
    'Auto-Submitted: auto-generated',
    'Content-Type: multipart/alternative;',
    ` boundary="${boundary}"`,
    '',
    ...part('text/plain', text),
    ...part('text/html', html),
    `--${boundary}--`,
    '',
  ].join('\r\n');
}

/** in base64 and with a header's name before it that stays within 76 characters (RFC 2047) */
const encodedBytes = 39;

/** Text of a header as encoded words, so that nothing in it ends the line. */
function encodedWords(text: string): string {
  const words: Uint8Array[] = [];
  let word: number[] = [];
  for (const character of text.replaceAll(/\p{Cc}+/gu, ' ')) {
    const bytes = new TextEncoder().encode(character);
    if (word.length + bytes.length > encodedBytes) {
      words.push(new Uint8Array(word));
      word = [];
    }
    word.push(...bytes);
  }
  words.push(new Uint8Array(word));
  return words.map((bytes) => `=?utf-8?B?${base64(bytes)}?=`).join('\r\n ');
}

export function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
