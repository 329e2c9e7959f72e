import type { Mail } from '../deps.ts';

/** A mail that is about to be sent. */
export type Letter = Mail & {
  /** what it asks to follow: the operator is shown it where no mail server is configured; null: it only tells */
  link: string | null;
};

/** A mail's text in paragraphs, and the same as HTML without anything that would have to be loaded. */
export type Paragraph = string | { link: string; label: string } | { code: string };

/** Writes a letter. Everything that is not ours is text in it: nothing a stranger chose becomes markup. */
export function letter(to: string, subject: string, paragraphs: readonly Paragraph[]): Letter {
  const link = paragraphs.find((paragraph) => typeof paragraph === 'object' && 'link' in paragraph);
  const html = paragraphs.map(htmlOf).join('\n');
  return {
    to,
    subject,
    text: `${paragraphs.map(textOf).join('\n\n')}\n`,
    html: `<!doctype html>\n<html lang="en">\n<body>\n${html}\n</body>\n</html>\n`,
    link: typeof link === 'object' && 'link' in link ? link.link : null,
  };
}

function textOf(paragraph: Paragraph): string {
  if (typeof paragraph === 'string') return paragraph;
  return 'link' in paragraph ? `${paragraph.label}:\n${paragraph.link}` : `Code: ${paragraph.code}`;
}

function htmlOf(paragraph: Paragraph): string {
  if (typeof paragraph === 'string') return `<p>${escaped(paragraph)}</p>`;
  return 'link' in paragraph
    ? `<p><a href="${escaped(paragraph.link)}">${escaped(paragraph.label)}</a></p>`
    : `<p>Code: <strong>${escaped(paragraph.code)}</strong></p>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
