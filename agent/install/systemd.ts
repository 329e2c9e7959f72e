import { execFile } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nullWhenAbsent } from '../absence.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import { writeWhole } from '../write-whole.ts';
import { unitName } from './unit.ts';

/** The service manager of this machine, as far as the agent's own unit goes. Errors are RuntimeFailures. */
export type Systemd = {
  /** Puts the unit in its place and makes it known; a running service goes on with the old one until it is restarted. */
  write(text: string): Promise<string>;
  enable(options: { now: boolean }): Promise<void>;
  /** Stops the service and forgets the unit. False: there was none. */
  uninstall(): Promise<boolean>;
};

export type SystemdPlace = {
  unitDirectory: string /** is there when systemd runs the machine */;
  marker: string;
  path: string;
};

export const usualSystemd = { unitDirectory: '/etc/systemd/system', marker: '/run/systemd/system' };

/** Rejects with a RuntimeFailure on a machine that systemd does not run. */
export async function openSystemd({ unitDirectory, marker, path }: SystemdPlace): Promise<Systemd> {
  if ((await nullWhenAbsent(stat(marker))) === null) {
    throw new RuntimeFailure(
      'systemd does not run this machine: start `supafleet-agent run` by its own service manager, or use the container image',
    );
  }
  const file = join(unitDirectory, unitName);

  async function change<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
      throw new RuntimeFailure(`${file} cannot be changed (${code}); run this as root`, { cause });
    }
  }

  return {
    async write(text) {
      await change(() => writeWhole(file, text, 0o644));
      await systemctl(['daemon-reload'], path);
      return file;
    },
    enable: ({ now }) => systemctl(['enable', ...(now ? ['--now'] : []), unitName], path),
    async uninstall() {
      if ((await nullWhenAbsent(stat(file))) === null) return false;
      await systemctl(['disable', '--now', unitName], path);
      await change(() => rm(file));
      await systemctl(['daemon-reload'], path);
      return true;
    },
  };
}

const timeoutMs = 60_000;

function systemctl(args: readonly string[], path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('systemctl', args, { env: { PATH: path }, timeout: timeoutMs }, (error, _output, errors) => {
      if (error === null) return resolve();
      const said = errors.trim().split('\n').at(-1)?.slice(0, 300) || String(error.code ?? error.message);
      reject(new RuntimeFailure(`systemctl ${args.join(' ')} did not work: ${said}`));
    });
  });
}
