import { type Command, Option } from 'commander';
import type { CreatedProject } from '../../client/contract/projects.ts';
import { instanceSizes } from '../../schema/instance-sizes.ts';
import { stackProfiles } from '../../schema/stack-profiles.ts';
import type { Cli, Colors } from '../cli.ts';
import { givenPassword } from '../password.ts';
import { session } from '../session.ts';
import { projectText } from './show.ts';
import { type WaitOptions, waitForProject } from './wait.ts';
import { withWait } from './with-wait.ts';

type CreateOptions = WaitOptions & {
  organization: string;
  name: string;
  region?: string;
  size?: string;
  profile?: string;
  release?: string;
  passwordStdin?: boolean;
};

/** `supafleet projects create` */
export function addCreate(group: Command, cli: Cli): void {
  withWait(
    group
      .command('create')
      .description('make a project')
      .requiredOption('--organization <slug>', 'the organization it belongs to')
      .requiredOption('--name <name>', 'what it is called')
      .option('--region <region>', 'where its host stands')
      .addOption(new Option('--size <size>', 'how much it may use (micro when left out)').choices(instanceSizes))
      .addOption(
        new Option('--profile <profile>', 'which services it has (standard when left out)').choices(stackProfiles),
      )
      .option('--release <release>', 'release of the stack, such as 2026.09 (the newest when left out)')
      .option('--password-stdin', 'read the database password from stdin'),
  )
    .addHelpText(
      'after',
      `
The database password comes from stdin (--password-stdin) or SUPAFLEET_DATABASE_PASSWORD. Without either one is
generated and shown, this once.
`,
    )
    .action(async (options: CreateOptions, command: Command) => {
      const { client, print } = await session(cli, command);
      const { organization, name, region, size, profile, release } = options;
      const databasePassword = await givenPassword(cli.terminal, {
        stdin: options.passwordStdin === true,
        environment: cli.env.databasePassword,
      });
      const created = await client.projects.create.mutate({
        organization,
        name,
        region,
        size,
        profile,
        release,
        databasePassword,
      });
      let answer = created;
      try {
        if (options.wait !== true) return;
        const target = { ref: created.ref, verb: 'create', timeoutSeconds: options.timeout } as const;
        answer = { ...created, ...(await waitForProject(cli, client, target)) };
      } finally {
        // whatever became of the wait: nobody can ask for the password again
        print(answer, (colors) => createdText(answer, colors));
      }
    });
}

function createdText(created: CreatedProject, colors: Colors): string {
  const { generatedDatabasePassword } = created;
  if (generatedDatabasePassword === null) return projectText(created, colors);
  return `${projectText(created, colors)}\nThe database password, shown only now: ${generatedDatabasePassword}\n`;
}
