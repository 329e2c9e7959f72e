import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { session } from './session.ts';
import { fields } from './table.ts';

/** `supafleet system …` */
export function addSystem(program: Command, cli: Cli): void {
  program
    .command('system')
    .description('the control plane itself')
    .command('info')
    .description('its version and health')
    .action(async (_options: object, command: Command) => {
      const { client, print } = await session(cli, command);
      const info = await client.system.info.query();
      print(info, (colors) =>
        fields(
          [
            ['Version', info.version],
            ['Agent protocol', String(info.agentProtocol)],
            ['Database', info.database],
            ['Its time', info.now],
          ],
          colors,
        ),
      );
    });
}
