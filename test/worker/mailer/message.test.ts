import { simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { mailSettings } from '../../../schema/mail-settings.ts';
import { message } from '../../../worker/mailer/message.ts';

const plain = {
  from: { name: '', email: 'fleet@example.com' },
  to: 'kim@example.com',
  subject: 'Hello',
  text: 'Hello',
  html: '<p>Hello</p>',
  at: Date.UTC(2026, 10, 25, 12, 0, 0),
  id: '00000000-0000-4000-8000-000000000000',
};

describe('a mail on the wire', () => {
  test.each([
    'Hello',
    '',
    'Grüße aus Köln: '.repeat(30),
    '🎉'.repeat(100),
    'a\r\nBcc: everyone@example.com',
    '=?utf-8?B?SGk=?=',
    'tab\tand \u0000 nothing',
  ])('says %j in every part as it was written, and nothing of it is a header', async (words) => {
    const raw = message({ ...plain, from: { name: words, email: 'fleet@example.com' }, subject: words, text: words });
    const mail = await simpleParser(raw);
    const shown = words.replaceAll(/\p{Cc}+/gu, ' ');
    expect((mail.subject ?? '').trim()).toBe(shown.trim());
    expect(mail.from?.value[0]?.address).toBe('fleet@example.com');
    expect(mail.from?.value[0]?.name.trim()).toBe(shown.trim());
    expect(mail.bcc).toBeUndefined();
    expect((mail.text ?? '').trimEnd()).toBe(words.replaceAll('\r\n', '\n').trimEnd());
    expect(mail.date?.getTime()).toBe(plain.at);
    for (const line of raw.split('\r\n')) {
      expect(line.length).toBeLessThanOrEqual(78);
      expect(line).toMatch(/^[\x20-\x7e]*$/);
      expect(line).not.toMatch(/^\./);
    }
  });
});

describe('the settings of the mailer', () => {
  const read = (more: Record<string, string>) =>
    mailSettings.safeParse({ SMTP_HOST: 'mail.lan', MAIL_FROM: 'fleet@example.com', ...more });

  test.each([
    ['none', 25],
    ['starttls', 587],
    ['tls', 465],
  ])('with security %s take port %i', (security, port) => {
    expect(read({ SMTP_SECURITY: security }).data).toMatchObject({ security, port, credentials: null });
    expect(read({ SMTP_SECURITY: security, SMTP_PORT: '2525' }).data?.port).toBe(2525);
  });

  test.each([
    ['fleet@example.com', { name: '', email: 'fleet@example.com' }],
    [' Our fleet <fleet@example.com> ', { name: 'Our fleet', email: 'fleet@example.com' }],
    ['"Fleet, Inc." <fleet@example.com>', { name: 'Fleet, Inc.', email: 'fleet@example.com' }],
    ['<fleet@example.com>', { name: '', email: 'fleet@example.com' }],
  ])('read %j as a sender', (text, from) => {
    expect(read({ MAIL_FROM: text }).data?.from).toEqual(from);
  });

  test.each(['', 'Fleet', 'a@b>\r\nRCPT TO:<c@d', 'Fleet <a@b> <c@d>', 'a b@example.com', 'a@exa mple.com'])(
    'refuse %j as one',
    (text) => {
      expect(read({ MAIL_FROM: text }).success).toBe(false);
    },
  );
});
