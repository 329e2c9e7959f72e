import type { InstanceSize } from '../../schema/instance-sizes.ts';
import type { ProjectStatus } from '../../schema/project-status.ts';
import type { StackProfile } from '../../schema/stack-profiles.ts';
import type { LiveSpec } from '../../schema/stack-spec.ts';
import type { Actor, Ctx } from '../deps.ts';
import { AppError, notFound } from '../errors.ts';
import { authorize } from '../policy.ts';
import type { CreatingOrganization } from '../store/project-creation.ts';
import { newApiKey } from './new-api-key.ts';
import { newLetters } from './new-letters.ts';
import { newSecrets } from './new-secrets.ts';
import type { OwnSecrets } from './open-secrets.ts';
import { place } from './place.ts';
import type { RegionWish } from './regions.ts';
import { newestRelease, postgresMajor } from './releases.ts';
import { apiKeyPlace, projectSecretsPlace } from './sealed-places.ts';

export type CreateProjectInput = {
  organizationSlug: string;
  name: string;
  /** null: one is made */
  dbPassword: string | null;
  cloudProvider: string;
  size: InstanceSize;
  /** a known one; null: the newest */
  release: string | null;
  /** null: the usual one */
  profile: StackProfile | null;
  /** null: anywhere */
  region: RegionWish | null;
  /** schemas of the data API; null: the usual ones */
  exposedSchemas: string[] | null;
};

export type CreatedProject = {
  id: number;
  ref: string;
  name: string;
  organizationId: number;
  organizationSlug: string;
  cloudProvider: string;
  size: InstanceSize;
  release: string;
  postgresVersion: string;
  profile: StackProfile;
  region: string;
  status: ProjectStatus;
  createdAt: number;
  firstPort: number | null;
  projectHost: string;
  frontDoorPort: number | null;
  secrets: OwnSecrets;
};

const usualProfile: StackProfile = 'standard';

const usualRest: LiveSpec['rest'] = {
  schemas: ['public', 'graphql_public'],
  extraSearchPath: ['public', 'extensions'],
  maxRows: 1000,
};

/**
 * Creates a project on a host with room for it, in two round trips. Its host's agent does the rest.
 * Errors: `not_found`, `forbidden`, `conflict` (the name is taken), `invalid_input` (no such region), `wrong_state` (no
 * host in that region), `overloaded` (no host at all).
 */
export async function createProject(ctx: Ctx, input: CreateProjectInput): Promise<CreatedProject> {
  const { clock, config, random, store } = ctx.deps;
  const now = clock.now();
  const at = { now, lostAfterMs: config.agents.lostAfterMs };
  const wanted = { slug: input.organizationSlug, name: input.name };
  const found = await store.projectCreation.placesFor(ctx.credential, wanted, at);
  const organization = allowed(found, input.name);
  const placement = place(found.hosts, input.region, at);
  const host = placement.kind === 'placed' ? found.hosts.find(({ id }) => id === placement.hostId) : undefined;
  if (placement.kind === 'refused' || host === undefined) throw refusal(placement);

  const ref = newLetters(random);
  const secrets = await newSecrets({ ref, dbPassword: input.dbPassword }, random, now);
  const { cloudProvider, name, size } = input;
  const { region } = placement;
  const stack = { size, ...releaseOf(input), profile: input.profile ?? usualProfile };
  const created = await store.projectCreation.create(
    {
      ref,
      organizationId: organization.id,
      name,
      cloudProvider,
      region,
      ...stack,
      hostId: host.id,
      rest: JSON.stringify({ ...usualRest, ...(input.exposedSchemas && { schemas: input.exposedSchemas }) }),
      secrets: await ctx.deps.vault.seal(JSON.stringify(secrets), projectSecretsPlace(ref)),
      apiKeys: await Promise.all([sealedKey(ctx, ref, 'publishable'), sealedKey(ctx, ref, 'secret')]),
      at: now,
    },
    {
      entry: { organizationId: organization.id, action: 'project.create', target: ref, details: { name, region } },
      actor: found.actor,
      request: ctx.request,
    },
  );
  if (created === null) {
    throw new AppError('conflict', 'The organization, the host or the name was taken by another change; try again');
  }
  return {
    id: created.id,
    ref,
    name,
    organizationId: organization.id,
    organizationSlug: organization.slug,
    cloudProvider,
    ...stack,
    region,
    status: created.firstPort === null ? 'INIT_FAILED' : 'COMING_UP',
    createdAt: now,
    firstPort: created.firstPort,
    projectHost: host.projectHost,
    frontDoorPort: host.frontDoorPort,
    secrets,
  };
}

/** What Studio recognises as the user's own mistake. */
export function nameTaken(name: string): AppError {
  return new AppError('conflict', `Project with name "${name}" already exists in your organization.`);
}

function allowed(
  { actor, organization }: { actor: Actor; organization: CreatingOrganization | null },
  name: string,
): CreatingOrganization {
  if (organization === null) throw notFound('Organization');
  authorize(actor, organization, 'projects:create');
  if (organization.nameTaken) throw nameTaken(name);
  return organization;
}

function releaseOf({ release }: CreateProjectInput): { release: string; postgresVersion: string } {
  const wanted = release ?? newestRelease;
  const postgresVersion = postgresMajor(wanted);
  if (postgresVersion === null) throw new AppError('invalid_input', `release: "${wanted}" is none`);
  return { release: wanted, postgresVersion };
}

function refusal(placement: ReturnType<typeof place>): AppError {
  if (placement.kind === 'placed') return new AppError('internal', 'The chosen host is not among those offered');
  switch (placement.because) {
    case 'unknown_region':
      return new AppError('invalid_input', `db_region: ${placement.message}`);
    case 'no_host_in_region':
      return new AppError('wrong_state', placement.message);
    case 'no_host':
      return new AppError('overloaded', placement.message, { retryAfterSeconds: 10 });
    default:
      return placement.because satisfies never;
  }
}

async function sealedKey(ctx: Ctx, ref: string, type: 'publishable' | 'secret') {
  const { random, vault } = ctx.deps;
  const { key, ...shown } = await newApiKey(ref, { name: 'default', type }, random);
  return { ...shown, sealed: await vault.seal(key, apiKeyPlace(shown.id)) };
}
