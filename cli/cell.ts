/** Text as it may be shown on a terminal: nothing in it moves the cursor, breaks the line or turns its direction. */
export function cell(text: string, maximumWidth = 60): string {
  const visible = text.replace(control, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  if (cellWidth(visible) <= maximumWidth) return visible;
  let cut = '';
  for (const { segment } of segmenter.segment(visible)) {
    if (cellWidth(cut + segment) >= maximumWidth) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** How many columns a text takes on a terminal, near enough. */
export function cellWidth(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const control = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const wide = /\p{Emoji_Presentation}|\ufe0f|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\uff01-\uff60]/u;
