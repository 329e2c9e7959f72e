import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { confirm } from '../confirm.ts';
import { session } from '../session.ts';
import { projectText } from './show.ts';
import { type WaitOptions, waitForProject } from './wait.ts';
import { withWait } from './with-wait.ts';

type PowerOptions = WaitOptions & { yes?: boolean };

const verbs = {
  pause: 'stop it and keep its data',
  restore: 'start it again after a pause or a failure',
  restart: 'stop and start it',
} as const;

/** `supafleet projects pause|restore|restart|remove` */
export function addPower(group: Command, cli: Cli): void {
  for (const verb of ['pause', 'restore', 'restart'] as const) {
    withWait(group.command(`${verb} <ref>`).description(verbs[verb])).action(
      (ref: string, options: PowerOptions, command: Command) => change(cli, ref, verb, options, command),
    );
  }

  withWait(group.command('remove <ref>').alias('delete').description('delete it with all its data, for good'))
    .option('--yes', 'without being asked')
    .action(async (ref: string, options: PowerOptions, command: Command) => {
      const what = `This deletes the project ${ref} with all its data.`;
      await confirm(cli.terminal, { ...options, what, expected: ref });
      await change(cli, ref, 'remove', options, command);
    });
}

async function change(
  cli: Cli,
  ref: string,
  verb: keyof typeof verbs | 'remove',
  options: PowerOptions,
  command: Command,
): Promise<void> {
  const { client, print } = await session(cli, command);
  const asked = await client.projects[verb].mutate({ ref });
  if (options.wait !== true) return print(asked, (colors) => projectText(asked, colors));
  const seen = await waitForProject(cli, client, { ref, verb, timeoutSeconds: options.timeout });
  if (seen === null) print({ ...asked, status: 'REMOVED' }, () => `The project ${ref} is gone.\n`);
  else print(seen, (colors) => projectText(seen, colors));
}
