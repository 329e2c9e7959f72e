import { cell, cellWidth } from './cell.ts';
import type { Colors } from './cli.ts';

export type Column<Row> = {
  title: string;
  value(row: Row): string;
  /** longer text is cut; 60 when left out */
  maximumWidth?: number;
  /** colour of the padded cell */
  paint?(row: Row, colors: Colors): (text: string) => string;
};

/** Rows below their titles, in columns as wide as their widest cell. */
export function table<Row>(columns: Column<Row>[], rows: Row[], colors: Colors): string {
  const cells = rows.map((row) => columns.map((column) => cell(column.value(row), column.maximumWidth)));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((line) => cellWidth(line[index] ?? ''))),
  );
  const titles = columns.map(({ title }, index) => colors.bold(pad(title, widths[index])));
  const lines = rows.map((row, number) =>
    columns.map((column, index) => {
      const padded = pad(cells[number]?.[index] ?? '', widths[index]);
      return column.paint === undefined ? padded : column.paint(row, colors)(padded);
    }),
  );
  return [titles, ...lines].map((line) => `${line.join('  ').trimEnd()}\n`).join('');
}

/** One thing: a line for each of its fields; those without a value are left out. */
export function fields(entries: [title: string, value: string | null][], colors: Colors): string {
  const shown = entries.filter((entry): entry is [string, string] => entry[1] !== null);
  const width = Math.max(0, ...shown.map(([title]) => title.length));
  return shown.map(([title, value]) => `${colors.bold(pad(title, width))}  ${cell(value, 1_000)}\n`).join('');
}

function pad(text: string, width = 0): string {
  return text + ' '.repeat(Math.max(0, width - cellWidth(text)));
}
