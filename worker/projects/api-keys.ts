import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { knownRef, requireProject } from './find.ts';
import { openOwnSecrets } from './open-secrets.ts';
import { apiKeyPlace } from './sealed-places.ts';

export type ApiKey = {
  /** null for the two legacy keys, which are no rows of their own */
  id: string | null;
  name: string;
  type: 'legacy' | 'publishable' | 'secret';
  description: string;
  prefix: string | null;
  /** SHA-256 of the key, hex */
  hash: string | null;
  role: 'anon' | 'service_role';
  /** null: not revealed */
  key: string | null;
  createdAt: number;
};

/**
 * A project's keys, legacy ones first. Those made for browsers are always shown; those that open everything only when
 * `reveal` asks for them, which needs `secrets:read`. What is not shown is not even opened.
 * Errors: `not_found`, `forbidden`.
 */
export async function listApiKeys(ctx: Ctx, input: { ref: string; reveal: boolean }): Promise<ApiKey[]> {
  const { clock, store, vault } = ctx.deps;
  const {
    actor,
    project: row,
    sealed,
    keys,
  } = await store.apiKeys.projectWithKeys(ctx.credential, knownRef(input.ref), clock.now());
  const project = requireProject(ctx, { actor, row }, input.reveal ? 'secrets:read' : 'projects:read');
  if (sealed === null) throw new Error(`the secrets of project ${project.ref} are missing`);
  const secrets = await openOwnSecrets(vault, project.ref, sealed);
  const legacy = (role: ApiKey['role'], key: string | null): ApiKey => ({
    id: null,
    name: role,
    type: 'legacy',
    description: `Legacy ${role} API key`,
    prefix: null,
    hash: null,
    role,
    key,
    createdAt: project.createdAt,
  });
  const opaque = await Promise.all(
    keys.map(async ({ sealed: key, ...row }): Promise<ApiKey> => {
      const isShown = row.type === 'publishable' || input.reveal;
      const role = row.type === 'publishable' ? 'anon' : 'service_role';
      return { ...row, role, key: isShown ? await vault.open(key, apiKeyPlace(row.id)) : null };
    }),
  );
  return [
    legacy('anon', secrets.anonKey),
    legacy('service_role', input.reveal ? secrets.serviceRoleKey : null),
    ...opaque,
  ];
}

/** One of them, as `listApiKeys` has it. Errors: its, and `not_found`; a legacy key has no id. */
export async function findApiKey(ctx: Ctx, input: { ref: string; id: string; reveal: boolean }): Promise<ApiKey> {
  const found = (await listApiKeys(ctx, input)).find((key) => key.id === input.id);
  if (found === undefined) throw new AppError('not_found', 'API key not found');
  return found;
}
