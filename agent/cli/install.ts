import { resolve } from 'node:path';
import { readHostFile } from '../host-file.ts';
import { openSystemd, usualSystemd } from '../install/systemd.ts';
import { unit, unitName } from '../install/unit.ts';
import type { AgentSettings } from '../settings.ts';
import { readSettings } from '../settings-file.ts';
import type { Answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { joinedHost } from './joined-host.ts';
import type { Machine } from './machine.ts';

export type InstallOptions = { dataDir: string; print?: boolean; start?: boolean };

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** `supafleet-agent install`: makes the agent of this host a service of systemd. */
export async function installCommand(options: InstallOptions, { machine }: { machine: Machine }): Promise<Answer> {
  const dataDir = resolve(options.dataDir);
  const { env, node, program } = machine;
  const runtime = options.print === true ? await printedRuntime(dataDir) : (await joinedHost(dataDir)).settings.runtime;
  // Docker's tools look for credentials and plugins in the home directory, which systemd does not name
  const { HOME, DOCKER_HOST, DOCKER_CONFIG } = env;
  const environment = Object.entries({ HOME, DOCKER_HOST, DOCKER_CONFIG }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const text = unit({
    node,
    program,
    dataDir,
    runtime,
    environment: Object.fromEntries(environment),
  });
  if (options.print === true) return { text, exitCode: exitCodes.done };
  const systemd = await openSystemd({ ...usualSystemd, path: env.PATH ?? usualPath });
  const file = await systemd.write(text);
  await systemd.enable({ now: options.start !== false });
  const next =
    options.start === false
      ? `It starts at boot; now: systemctl start ${unitName}\n`
      : `It runs. Its log: journalctl -u ${unitName} -f\n`;
  return { text: `Wrote ${file}.\n${next}`, exitCode: exitCodes.done };
}

/** A unit may be looked at before there is a host. */
async function printedRuntime(dataDir: string): Promise<AgentSettings['runtime']> {
  return (await readSettings(dataDir))?.runtime ?? (await readHostFile(dataDir))?.runtime ?? 'compose';
}

/** `supafleet-agent uninstall`: stops the service and forgets it; projects run on. */
export async function uninstallCommand({ machine }: { machine: Machine }): Promise<Answer> {
  const systemd = await openSystemd({ ...usualSystemd, path: machine.env.PATH ?? usualPath });
  const was = await systemd.uninstall();
  const text = was
    ? `${unitName} is stopped and gone. Containers run on; this machine still is a host (supafleet-agent leave).\n`
    : `There is no ${unitName}.\n`;
  return { text, exitCode: exitCodes.done };
}
