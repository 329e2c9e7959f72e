import { Argument, type Command } from 'commander';
import type { Project } from '../../client/contract/projects.ts';
import type { SupafleetClient } from '../../client/index.ts';
import { instanceSizes } from '../../schema/instance-sizes.ts';
import { stackProfiles } from '../../schema/stack-profiles.ts';
import type { Cli } from '../cli.ts';
import { session } from '../session.ts';
import { projectText } from './show.ts';
import { type WaitOptions, waitForProject } from './wait.ts';
import { withWait } from './with-wait.ts';

type Change = { ref: string; verb: 'resize' | 'upgrade'; options: WaitOptions; command: Command };

/** `supafleet projects resize|upgrade|profile` */
export function addAlter(group: Command, cli: Cli): void {
  withWait(
    group
      .command('resize <ref>')
      .description('change how much it may use; its containers are made anew, its data stays')
      .addArgument(new Argument('<size>', 'its compute size').choices(instanceSizes)),
  ).action((ref: string, size: string, options: WaitOptions, command: Command) =>
    change(cli, { ref, verb: 'resize', options, command }, (client) => client.projects.resize.mutate({ ref, size })),
  );

  withWait(
    group
      .command('upgrade <ref>')
      .description('change it to a later release of the stack')
      .argument('[release]', 'such as 2026.09; the newest when left out'),
  ).action((ref: string, release: string | undefined, options: WaitOptions, command: Command) =>
    change(cli, { ref, verb: 'upgrade', options, command }, (client) =>
      client.projects.upgrade.mutate({ ref, release }),
    ),
  );

  withWait(
    group
      .command('profile <ref>')
      .description('say which services it has; data of those that go stays')
      .addArgument(new Argument('<profile>', 'how much of Supabase it gets').choices(stackProfiles)),
  ).action((ref: string, profile: string, options: WaitOptions, command: Command) =>
    change(cli, { ref, verb: 'resize', options, command }, (client) =>
      client.projects.setProfile.mutate({ ref, profile }),
    ),
  );
}

async function change(
  cli: Cli,
  { ref, verb, options, command }: Change,
  ask: (client: SupafleetClient) => Promise<Project>,
): Promise<void> {
  const { client, print } = await session(cli, command);
  const asked = await ask(client);
  if (options.wait !== true) return print(asked, (colors) => projectText(asked, colors));
  const seen = (await waitForProject(cli, client, { ref, verb, timeoutSeconds: options.timeout })) ?? asked;
  print(seen, (colors) => projectText(seen, colors));
}
