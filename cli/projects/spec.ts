import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { session } from '../session.ts';

type SpecOptions = { out?: string; showSecrets?: boolean };

/** `supafleet projects spec` */
export function addSpec(group: Command, cli: Cli): void {
  group
    .command('spec <ref>')
    .description('what its agent gets, as JSON (for operators; audited)')
    .option('--out <file>', 'write it there, readable by you only')
    .option('--show-secrets', 'with its secrets instead of placeholders')
    .action(async (ref: string, { out, showSecrets = false }: SpecOptions, command: Command) => {
      const { client, isJson } = await session(cli, command);
      const text = `${JSON.stringify(await client.projects.spec.mutate({ ref, showSecrets }), null, 2)}\n`;
      if (out === undefined) return cli.terminal.out(text);
      await cli.writePrivate(out, text);
      if (isJson) cli.terminal.out(`${JSON.stringify({ ref, file: out, showSecrets }, null, 2)}\n`);
      else cli.terminal.err(cli.terminal.errColors.dim(`Written to ${out}\n`));
    });
}
