export type Row = { what: string; value: string; goal: string };

export function printTable(rows: Row[]): void {
  const widths = [width(rows, 'what'), width(rows, 'value')] as const;
  const line = (row: Row) => `${row.what.padEnd(widths[0])}  ${row.value.padStart(widths[1])}  ${row.goal}`;
  process.stdout.write(`\n${line({ what: 'what', value: 'measured', goal: 'goal' })}\n`);
  process.stdout.write(`${'-'.repeat(widths[0] + widths[1] + 20)}\n`);
  for (const row of rows) process.stdout.write(`${line(row)}\n`);
}

function width(rows: Row[], column: 'what' | 'value'): number {
  return Math.max(column.length + 4, ...rows.map((row) => row[column].length));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}
