import type { SealedPlace } from '../deps.ts';

/** Where a project's sealed secrets lie. */
export function projectSecretsPlace(ref: string): SealedPlace {
  return { table: 'project_secrets', row: ref, field: 'sealed' };
}

/** Where an opaque API key lies, by the key's id. */
export function apiKeyPlace(id: string): SealedPlace {
  return { table: 'api_keys', row: id, field: 'sealed' };
}
