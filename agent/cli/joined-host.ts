import { resolve } from 'node:path';
import { embeddedSettings } from '../embedded-settings.ts';
import { type HostRecord, readHostFile } from '../host-file.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import type { AgentSettings } from '../settings.ts';
import { readSettings, settingsPath } from '../settings-file.ts';
import { UsageError } from './usage-error.ts';

export type JoinedHost = { dataDir: string; host: HostRecord & { hostId: string }; settings: AgentSettings };

/**
 * The host this directory belongs to. Throws a UsageError when it belongs to none, a RuntimeFailure when its settings
 * are lost or damaged, or name another runtime: they are never guessed for a host with Docker.
 */
export async function joinedHost(directory: string): Promise<JoinedHost> {
  const dataDir = resolve(directory);
  const host = await readHostFile(dataDir);
  if (host === null || host.hostId === null) {
    throw new UsageError(`${dataDir} is not joined to a control plane; run supafleet-agent join first`);
  }
  const settings = (await readSettings(dataDir)) ?? (host.runtime === 'embedded' ? embeddedSettings : null);
  if (settings === null) {
    throw new RuntimeFailure(`${settingsPath(dataDir)} is missing: bring it back from a copy, or from another host's`);
  }
  if (settings.runtime !== host.runtime) {
    // the other runtime would make every project anew, empty
    throw new RuntimeFailure(
      `${settingsPath(dataDir)} says runtime ${settings.runtime}, but this host joined with ${host.runtime} and its projects ` +
        `are there: put ${host.runtime} back, or leave and join again`,
    );
  }
  return { dataDir, host: { ...host, hostId: host.hostId }, settings };
}
