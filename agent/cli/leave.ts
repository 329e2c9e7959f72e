import { realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createControlPlane } from '../control-plane.ts';
import { haltKind } from '../control-plane-failure.ts';
import type { Clock, Log } from '../deps.ts';
import { dockerPlace } from '../docker-place.ts';
import { removeHostFile } from '../host-file.ts';
import { signingKeyOf } from '../keys.ts';
import { takeLock } from '../lock.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import { settingsPath } from '../settings-file.ts';
import type { Answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { oneLine } from './findings-table.ts';
import { type JoinedHost, joinedHost } from './joined-host.ts';
import type { Machine } from './machine.ts';
import { openRuntime } from './runtimes.ts';

type LeaveDeps = {
  clock: Clock;
  log: Log;
  randomBytes(size: number): Uint8Array;
  machine: Machine;
  signal: AbortSignal;
};

/**
 * `supafleet-agent leave`: makes this machine a host of nobody. Refused while anything of a project is here or the control
 * plane has projects on it, and while an agent runs. May be repeated after it was cut short.
 */
export async function leaveCommand(options: { dataDir: string; json?: boolean }, deps: LeaveDeps): Promise<Answer> {
  const joined = await joinedHost(options.dataDir);
  const { host, dataDir, settings } = joined;
  if (settings.runtime === 'compose') await leaveDocker(joined, deps);
  else await leaveEmbedded(joined, deps);
  await rm(settingsPath(dataDir), { force: true });
  // last: whatever broke off before it can be repeated
  await removeHostFile(dataDir);
  if (options.json === true) {
    return {
      text: `${JSON.stringify({ hostId: host.hostId, url: host.url, left: true })}\n`,
      exitCode: exitCodes.done,
    };
  }
  const text = `Left ${host.url}: ${oneLine(host.name)} is a host no more.\nWhat else is in ${dataDir} may be removed.\n`;
  return { text, exitCode: exitCodes.done };
}

async function leaveDocker(joined: JoinedHost, deps: LeaveDeps): Promise<void> {
  const lock = await takeLock(await realpath(joined.dataDir), deps.clock);
  try {
    const { lookAtStacks } = await import('../doctor/look.ts');
    const { removeHostContainers } = await import('./remove-host-containers.ts');
    const { dataDir, host, settings } = joined;
    const docker = dockerPlace(deps.machine.env);
    const place = {
      dataDir,
      hostId: host.hostId,
      projectHost: host.projectHost,
      settings,
      docker,
      signal: deps.signal,
    };
    refuseWith((await lookAtStacks(place)).map(({ ref }) => ref));
    await tellControlPlane(joined, deps);
    await removeHostContainers(place);
    for (const name of ['host', join('edge', 'config'), join('edge', 'operator'), join('edge', 'admin.sock')]) {
      await rm(join(dataDir, name), { recursive: true, force: true });
    }
  } finally {
    await lock.release();
  }
}

/** Opening the runtime claims the directory, and finds its projects wherever they had to go. */
async function leaveEmbedded(joined: JoinedHost, deps: LeaveDeps): Promise<void> {
  const runtime = await openRuntime(joined, deps);
  try {
    refuseWith((await runtime.observe({ signal: deps.signal })).map(({ ref }) => ref));
    await tellControlPlane(joined, deps);
  } finally {
    await runtime.close();
  }
}

function refuseWith(refs: readonly string[]): void {
  if (refs.length === 0) return;
  throw new RuntimeFailure(
    `Projects are still on this host: ${refs.slice(0, 5).join(', ')}${refs.length > 5 ? ', …' : ''}. Delete them first and let ` +
      'the agent remove them (supafleet projects remove), then stop the agent and leave',
  );
}

/** One that revoked this host already has no objection. */
async function tellControlPlane({ host }: JoinedHost, { clock, signal }: LeaveDeps): Promise<void> {
  const identity = { url: host.url, hostId: host.hostId, privateKey: signingKeyOf(host.privateKey) };
  try {
    await createControlPlane(identity, clock).leave(signal);
  } catch (error) {
    if (haltKind(error) !== 'revoked') throw error;
  }
}
