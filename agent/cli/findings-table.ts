import type { Colors } from 'picocolors/types';
import type { Finding } from '../doctor/check.ts';

/** The colours of the terminal that is written to; none where there is no terminal. */
export type Paint = Pick<Colors, 'green' | 'yellow' | 'red' | 'dim' | 'bold'>;

/** A line for each finding, with what to do below those that ask for it. */
export function findingsTable(findings: readonly Finding[], paint: Paint): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  return findings
    .map((finding) => {
      const line = `${sign(finding, paint)} ${finding.check.padEnd(width)}  ${oneLine(finding.detail)}\n`;
      return finding.status === 'ok'
        ? line
        : `${line}${' '.repeat(width + 4)}${paint.dim(`→ ${oneLine(finding.advice)}`)}\n`;
    })
    .join('');
}

/** What to say of all of them at once. */
export function summary(findings: readonly Finding[]): string {
  const failures = findings.filter(({ status }) => status === 'failed').length;
  const warnings = findings.filter(({ status }) => status === 'warning').length;
  if (failures === 0)
    return warnings === 0 ? 'Everything is in order.' : `In order, with ${count(warnings, 'warning')}.`;
  return `${count(failures, 'problem')}${warnings === 0 ? '' : `, ${count(warnings, 'warning')}`}.`;
}

/** Text as it may be shown on a terminal: nothing in it moves the cursor or breaks the line. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

function sign({ status }: Finding, paint: Paint): string {
  switch (status) {
    case 'ok':
      return paint.green('✓');
    case 'warning':
      return paint.yellow('!');
    case 'failed':
      return paint.red('✗');
    default:
      return status satisfies never;
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
