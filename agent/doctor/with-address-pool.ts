import { embeddedSettings } from '../embedded-settings.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import type { AgentSettings } from '../settings.ts';
import type { CheckContext } from './check.ts';
import { chooseAddressPool } from './choose-address-pool.ts';
import { networksInUse } from './networks-in-use.ts';

/** The settings of a host that is to be; without an address pool when none was named, since that depends on the machine. */
export type WantedSettings = Omit<AgentSettings, 'addressPool'> & { addressPool: string | null };

/** Settings with an address pool that nobody uses on this machine. Rejects with a RuntimeFailure when there is none. */
export async function withAddressPool(
  wanted: WantedSettings,
  context: Pick<CheckContext, 'docker' | 'signal'>,
): Promise<AgentSettings> {
  if (wanted.addressPool !== null) return { ...wanted, addressPool: wanted.addressPool };
  if (wanted.runtime === 'embedded') return { ...wanted, addressPool: embeddedSettings.addressPool };
  const addressPool = chooseAddressPool(await networksInUse(context, null));
  if (addressPool === null) throw new RuntimeFailure('No address pool is free; name one with --address-pool');
  return { ...wanted, addressPool };
}
