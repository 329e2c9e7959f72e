import { randomBytes } from 'node:crypto';
import { headText } from '../../schema/audit-chain.ts';
import { headPlace } from '../../worker/audit/head-places.ts';
import type { Random, Vault } from '../../worker/deps.ts';
import type { ChainOptions } from '../../worker/store/chain.ts';

/** How the app under test ties its audit entries. */
export function chainOf(vault: Vault, random: Random): ChainOptions {
  return { random, sealHead: (organization, head) => vault.seal(headText(head), headPlace(organization)) };
}

/** For what looks at other things: its heads open nowhere. */
export const unsealedChain: ChainOptions = {
  random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
  sealHead: async (_, head) => headText(head),
};
