import type { Command, Option } from 'commander';
import type { InstallOptions } from './install.ts';
import type { Commands } from './program.ts';
import type { RenderOptions } from './render.ts';

/** The commands around the agent's work: look, install, leave. */
export function addCarefulCommands(program: Command, commands: Commands, dataDir: Option): void {
  program
    .command('doctor')
    .description('check this host again, and show what its agent would do')
    .addOption(dataDir)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExamples:\n  supafleet-agent doctor\n  supafleet-agent doctor --json | jq .plan.actions\n')
    .action((options: { dataDir: string; json?: boolean }) => commands.doctor(options));

  program
    .command('install')
    .description('make it a service of systemd, and start it')
    .addOption(dataDir)
    .option('--print', 'show the unit, and do nothing')
    .option('--no-start', 'do not start it before the next boot')
    .addHelpText('after', '\nExamples:\n  supafleet-agent install\n  supafleet-agent install --print\n')
    .action((options: InstallOptions) => commands.install(options));

  program
    .command('uninstall')
    .description('stop the service and forget it; projects run on')
    .addHelpText('after', '\nExample:\n  supafleet-agent uninstall\n')
    .action(() => commands.uninstall());

  program
    .command('leave')
    .description('make this machine a host of nobody; refused while projects are on it')
    .addOption(dataDir)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  supafleet-agent uninstall && supafleet-agent leave\n')
    .action((options: { dataDir: string; json?: boolean }) => commands.leave(options));

  program
    .command('render')
    .description('write the directory that this host would run for an exported spec')
    .requiredOption('--spec <file>', 'what `supafleet projects spec <ref>` printed')
    .requiredOption('--out <directory>', 'where to write it')
    .option('--show-secrets', 'with the secrets of the spec instead of placeholders')
    .option('--image-map <file>', "instead of the host's own")
    .addOption(dataDir)
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', renderExamples)
    .action((options: RenderOptions) => commands.render(options));
}

const renderExamples = `
Examples:
  supafleet projects spec abcdefghijklmnopqrst > spec.json
  supafleet-agent render --spec spec.json --out ./stack
  docker compose --project-directory ./stack config
`;
