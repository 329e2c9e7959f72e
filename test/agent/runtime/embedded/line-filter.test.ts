import { describe, expect, it } from 'vitest';
import { mapLines } from '../../../../agent/runtime/embedded/line-filter.ts';

function passed(chunks: readonly Buffer[], map: (line: string) => string | null): { before: string; after: string } {
  let text = '';
  const writer = mapLines(map, (chunk) => {
    text += Buffer.from(chunk).toString();
  });
  for (const chunk of chunks) writer.write(chunk);
  const before = text;
  writer.end();
  return { before, after: text };
}

const unlessNo = (line: string) => (line.includes('no') ? null : line);

describe('a line filter', () => {
  it.each([
    { name: 'keeps other lines as they are', chunks: ['a\nb\n'], kept: 'a\nb\n' },
    { name: 'drops unwanted lines', chunks: ['a\nno here\nb\n'], kept: 'a\nb\n' },
    { name: 'drops one that comes in pieces', chunks: ['a\nn', 'o here\nb', '\n'], kept: 'a\nb\n' },
    { name: 'drops all when all are unwanted', chunks: ['no\nno\n'], kept: '' },
    { name: 'holds back a line without its end', chunks: ['a\nb'], kept: 'a\n' },
  ])('$name', ({ chunks, kept }) => {
    expect(passed(chunks.map(Buffer.from), unlessNo).before).toBe(kept);
  });

  it('keeps the last words of a program that died before their end of line', () => {
    expect(passed([Buffer.from('a\npanic')], unlessNo).after).toBe('a\npanic\n');
  });

  it('does not break a letter that comes in two pieces', () => {
    const letter = Buffer.from('ü');
    expect(passed([letter.subarray(0, 1), letter.subarray(1), Buffer.from('\n')], unlessNo).after).toBe('ü\n');
  });

  it('writes what it makes of each line', () => {
    expect(passed([Buffer.from('a\nb\n')], (line) => `[x] ${line}`).after).toBe('[x] a\n[x] b\n');
  });

  it('does not wait for ever for the end of a line', () => {
    expect(passed([Buffer.alloc(100_000, 'x')], unlessNo).before).toHaveLength(100_001);
  });
});
