import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { findProcesses } from '../../agent/process-table.ts';
import { launcherMark } from '../../launcher/orphans.ts';
import type { BenchFleet } from './fleet.ts';

/** The process id of a fleet's agent: the only one of its services that is Node. */
export async function agentOf({ installation }: BenchFleet): Promise<number> {
  const found = await findProcesses(
    ({ environment, executable }) =>
      environment.get(launcherMark) === installation.dataDir && basename(executable ?? '') === 'node',
  );
  const [agent] = found;
  if (agent === undefined || found.length > 1) throw new Error(`${found.length} processes could be the agent`);
  return agent.pid;
}

/** The engine's own processes, and those that hold these containers; of all engines, where there are several. */
export async function engineProcesses(containers: readonly string[]): Promise<number[]> {
  const found = await findProcesses(({ executable }) => /^(dockerd|containerd.*)$/.test(basename(executable ?? '')));
  const isOurs = await Promise.all(
    found.map(async ({ pid }) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const isShim = command.includes('containerd-shim');
      return !isShim || containers.some((id) => command.includes(id));
    }),
  );
  return found.filter((_, index) => isOurs[index]).map(({ pid }) => pid);
}

/** What processes have used of a core, all together. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  const each = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // the kernel counts in hundredths of a second: user, system, and those of children that were waited for
      return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field] ?? 0), 0) / 100;
    }),
  );
  return each.reduce((sum, seconds) => sum + seconds, 0);
}
