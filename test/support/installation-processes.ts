import { findProcesses, type ProcessEntry } from '../../agent/process-table.ts';
import { launcherMark } from '../../launcher/orphans.ts';
import { until } from './until.ts';

/** What an installation runs: processes that carry its mark, and those of its projects. */
export function servicesOf(dataDir: string): Promise<ProcessEntry[]> {
  return findProcesses(
    ({ environment }) =>
      environment.get(launcherMark) === dataDir || environment.get('SUPAFLEET_ROOT')?.startsWith(dataDir) === true,
  );
}

/** `kill -9` of all of it: its services, and the launcher and bootstrap, which were told the directory. */
export async function killInstallation(dataDir: string): Promise<void> {
  const all = async () => [
    ...(await findProcesses(({ environment }) => environment.get('DATA_DIR') === dataDir)),
    ...(await servicesOf(dataDir)),
  ];
  const none = async () => {
    const found = await all();
    // one that was just being started when they were counted is found by the next look
    for (const { pid } of found) kill(pid);
    return found.length === 0;
  };
  await until(none, { what: 'everything to be killed', everyMs: 20 });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
