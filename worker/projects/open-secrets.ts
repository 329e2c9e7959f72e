import type { z } from 'zod';
import { type StackSecrets, stackSecrets } from '../../schema/stack-spec.ts';
import type { Vault } from '../deps.ts';
import { apiKeyPlace, projectSecretsPlace } from './sealed-places.ts';
import { derivedServiceSecrets } from './service-secrets.ts';

/**
 * What is sealed as one value: everything but the opaque keys, which come and go on their own. Those of the services are
 * missing where it was sealed before there were any.
 */
const ownSecrets = stackSecrets.omit({ apiKeys: true }).partial({ services: true });
export type OwnSecrets = z.infer<typeof ownSecrets>;

type SealedApiKey = { id: string; name: string; type: 'publishable' | 'secret'; sealed: string };

/** Opens a project's secrets, all of them. Throws when one was sealed for another place or under an unknown key. */
export async function openSecrets(
  vault: Vault,
  ref: string,
  sealed: { secrets: string; apiKeys: readonly SealedApiKey[] },
): Promise<StackSecrets> {
  const [own, apiKeys] = await Promise.all([
    openOwnSecrets(vault, ref, sealed.secrets),
    Promise.all(
      sealed.apiKeys.map(async ({ id, name, type, sealed: key }) => ({
        name,
        type,
        key: await vault.open(key, apiKeyPlace(id)),
      })),
    ),
  ]);
  return { ...own, apiKeys, services: own.services ?? (await derivedServiceSecrets(own.jwtSecret)) };
}

/** Opens what is sealed as one value. */
export async function openOwnSecrets(vault: Vault, ref: string, sealed: string): Promise<OwnSecrets> {
  return ownSecrets.parse(JSON.parse(await vault.open(sealed, projectSecretsPlace(ref))));
}
