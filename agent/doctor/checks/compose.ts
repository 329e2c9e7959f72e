import { type Check, failed, ok, type Verdict } from '../check.ts';
import { runTool } from '../run-tool.ts';

const oldest = [2, 20] as const;

/** Docker Compose v2 is there as a plugin of the CLI, and can do what stacks need. */
export const composeCheck: Check = {
  name: 'compose',
  async run(context) {
    const version = await runTool('docker', ['compose', 'version', '--short'], context);
    if (version.code === null && version.errors === 'ENOENT') {
      return failed('There is no `docker` program in the PATH', install);
    }
    if (version.code !== 0) return failed('Docker Compose v2 is not there as `docker compose`', install);
    const help = await runTool('docker', ['compose', 'up', '--help'], context);
    return composeVerdict(version.output.trim(), help.output);
  },
};

const install =
  'Install the packages docker-ce-cli and docker-compose-plugin of docker.com, or those of your distribution.';

/** `version` as Compose prints it, `help` the text of its `up --help`. */
export function composeVerdict(version: string, help: string): Verdict {
  const [major = 0, minor = 0] = version
    .replace(/^v/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    return failed(`Docker Compose ${version.slice(0, 40)} is too old`, `Update it to ${oldest.join('.')} or newer.`);
  }
  const missing = ['--wait', '--remove-orphans'].find((flag) => !help.includes(flag));
  if (missing !== undefined) {
    return failed(`Docker Compose ${version.slice(0, 40)} has no \`up ${missing}\``, install);
  }
  return ok(`Docker Compose ${version.replace(/^v/, '')}`);
}
