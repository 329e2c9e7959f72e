import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { addAuditHead } from './head.ts';
import { addAuditList } from './list.ts';
import { addAuditVerify } from './verify.ts';

/** `supafleet audit …` */
export function addAudit(program: Command, cli: Cli): void {
  const group = program
    .command('audit')
    .description('who changed what, and whether that record is whole')
    .addHelpText(
      'after',
      `
Examples:
  supafleet audit list --organization acme --since 2026-11-01T00:00:00Z --action project.remove
  supafleet audit verify --organization acme --head-file acme.head
  supafleet audit head --organization acme

A cut-off end of the record together with an old head put in its place is found only by a head that was kept
somewhere else: let --head-file be on another machine than the database.
`,
    );
  addAuditList(group, cli);
  addAuditVerify(group, cli);
  addAuditHead(group, cli);
}
