import { describe, expect, test } from 'vitest';
import { cell, cellWidth } from '../../cli/cell.ts';
import { fields, table } from '../../cli/table.ts';

const plain = { bold: String, dim: String, green: String, yellow: String, red: String };

describe('what is shown on a terminal', () => {
  test.each([
    ['clear\x1b[2Jed', 'clear\\u{1b}[2Jed'],
    ['two\nlines', 'two\\u{a}lines'],
    ['back\u202eward', 'back\\u{202e}ward'],
    ['plain "quotes" $(id) ü', 'plain "quotes" $(id) ü'],
    ['👩‍👩‍👧 family', '👩‍👩‍👧 family'],
  ])('%j cannot steer it', (text, shown) => {
    expect(cell(text)).toBe(shown);
  });

  test('a text of 1,000 letters is cut, and says so', () => {
    expect(cellWidth(cell('x'.repeat(1_000)))).toBe(60);
    expect(cell('x'.repeat(1_000)).endsWith('…')).toBe(true);
    expect(cellWidth(cell('🚀'.repeat(1_000)))).toBeLessThanOrEqual(60);
  });

  test('columns stand in line, also with letters twice as wide', () => {
    const columns = [
      { title: 'NAME', value: (row: { name: string }) => row.name },
      { title: 'LAST', value: () => 'x' },
    ];
    const text = table(columns, [{ name: '🚀日本' }, { name: 'plain text' }], plain);
    const starts = text
      .trimEnd()
      .split('\n')
      .map((line) => cellWidth(line.slice(0, line.search(/(LAST|x)$/))));
    expect(starts).toEqual([12, 12, 12]);
  });

  test('fields without a value are left out', () => {
    const text = fields(
      [
        ['Ref', 'abc'],
        ['Reason', null],
        ['Status', 'ok'],
      ],
      plain,
    );
    expect(text).toBe('Ref     abc\nStatus  ok\n');
  });
});
