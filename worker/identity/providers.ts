import type { Clock, IdentityProvider } from '../deps.ts';
import { githubProvider } from './github.ts';
import { oidcProvider } from './oidc.ts';
import type { Outbound } from './outbound.ts';
import type { ProviderSettings } from './settings.ts';

/** The configured identity providers by name. */
export function createIdentityProviders(
  settings: ProviderSettings,
  outbound: Outbound,
  clock: Clock,
): ReadonlyMap<string, IdentityProvider> {
  return new Map(
    settings.map((one) => [
      one.name,
      {
        name: one.name,
        signUp: one.signUp ?? null,
        emailDomains: one.emailDomains ?? [],
        ...(one.kind === 'github' ? githubProvider(one, outbound) : oidcProvider(one, outbound, clock)),
      },
    ]),
  );
}
