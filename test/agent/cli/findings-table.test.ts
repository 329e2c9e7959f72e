import colors from 'picocolors';
import { expect, test } from 'vitest';
import { findingsTable, summary } from '../../../agent/cli/findings-table.ts';
import type { Finding } from '../../../agent/doctor/check.ts';

const plain = colors.createColors(false);
const findings: Finding[] = [
  { check: 'engine', status: 'ok', detail: 'Docker Engine 28.1' },
  { check: 'address-pool', status: 'warning', detail: 'narrow', advice: 'Widen it.' },
  { check: 'ports', status: 'failed', detail: 'taken by\n\u001b[31mme', advice: 'End it.' },
];

test('each finding has its line and what to do below, and no text of others reaches the terminal as it is', () => {
  expect(findingsTable(findings, plain)).toBe(
    [
      '✓ engine        Docker Engine 28.1',
      '! address-pool  narrow',
      '                → Widen it.',
      '✗ ports         taken by [31mme',
      '                → End it.',
      '',
    ].join('\n'),
  );
});

test('the last line counts what is wrong', () => {
  expect(summary(findings)).toBe('1 problem, 1 warning.');
  expect(summary(findings.slice(0, 1))).toBe('Everything is in order.');
  expect(summary(findings.slice(0, 2))).toBe('In order, with 1 warning.');
});
