import { z } from 'zod';
import type { ApiKey, CreatedProject, Project, ProjectSpec } from '../../client/contract/projects.ts';
import { stackProfiles } from '../../schema/stack-profiles.ts';
import { type ApiKey as KnownKey, listApiKeys } from '../projects/api-keys.ts';
import { createProject } from '../projects/create.ts';
import { databasePassword } from '../projects/database-password.ts';
import { database, gateway } from '../projects/endpoint.ts';
import { exportSpec } from '../projects/export-spec.ts';
import { type Project as FoundProject, findProject } from '../projects/find.ts';
import { instanceSize } from '../projects/instance-size.ts';
import { isoTime } from '../projects/iso-time.ts';
import { listOrganizationProjects, listProjects } from '../projects/list.ts';
import { givenName } from '../projects/name.ts';
import { regionWish } from '../projects/regions.ts';
import { knownRelease } from '../projects/releases.ts';
import { renameProject } from '../projects/rename.ts';
import { resizeProject } from '../projects/resize.ts';
import { type PowerVerb, setPower } from '../projects/set-power.ts';
import { setProfile } from '../projects/set-profile.ts';
import { statusReason } from '../projects/status-reason.ts';
import { upgradeProject } from '../projects/upgrade.ts';
import { cursorOf, limitOf, numericCursor, pageInput } from './paging.ts';
import { procedure, router } from './trpc.ts';

const ref = z.string().max(100);
const slug = z.string().max(100);
const byRef = z.object({ ref });
const size = z.string().max(32).pipe(instanceSize);
const profile = z.string().max(32).pipe(z.enum(stackProfiles));
const sentences = z.array(z.string());

const listInput = pageInput
  .extend({ cursor: numericCursor, organization: slug.optional(), search: z.string().max(256).optional() })
  .optional();

const createInput = z.object({
  organization: slug,
  name: givenName,
  region: z.string().min(1).max(64).optional(),
  size: size.optional(),
  profile: profile.optional(),
  release: knownRelease.optional(),
  databasePassword: databasePassword.optional(),
});

/** `projects.*` */
export const projects = router({
  list: procedure.input(listInput).query(async ({ ctx, input }) => {
    const limit = limitOf(input);
    const offset = input?.cursor ?? 0;
    const page = { limit, offset, sort: 'name_asc', search: input?.search ?? '', statuses: null } as const;
    const found = await (input?.organization === undefined
      ? listProjects(ctx, page)
      : listOrganizationProjects(ctx, input.organization, page));
    const nextCursor = cursorOf(offset + limit < found.count ? offset + limit : null);
    return { items: found.projects.map(toWire), count: found.count, nextCursor };
  }),

  get: procedure.input(byRef).query(async ({ ctx, input }) => {
    return toWire((await findProject(ctx, input.ref, 'projects:read')).project);
  }),

  create: procedure.input(createInput).mutation(async ({ ctx, input }): Promise<CreatedProject> => {
    const { organization, name, region, size = 'micro', profile = null, release = null } = input;
    const created = await createProject(ctx, {
      organizationSlug: organization,
      name,
      dbPassword: input.databasePassword ?? null,
      cloudProvider: 'AWS',
      size,
      profile,
      release,
      region: region === undefined ? null : regionWish(region),
      exposedSchemas: null,
    });
    const endpoint = { ...created, gatewayProtocol: null, gatewayEndpoint: null, frontDoorPort: null };
    return {
      ref: created.ref,
      name: created.name,
      organization: created.organizationSlug,
      status: created.status,
      statusReason: null,
      region: created.region,
      size: created.size,
      release: created.release,
      profile: created.profile,
      postgresVersion: created.postgresVersion,
      url: gateway(endpoint).url,
      database: database(endpoint),
      drift: [],
      createdAt: isoTime(created.createdAt),
      generatedDatabasePassword: input.databasePassword === undefined ? created.secrets.dbPassword : null,
    };
  }),

  rename: procedure.input(byRef.extend({ name: givenName })).mutation(async ({ ctx, input }) => {
    return toWire(await renameProject(ctx, input));
  }),

  pause: power('pause'),
  restore: power('restore'),
  restart: power('restart'),
  remove: power('remove'),

  resize: procedure.input(byRef.extend({ size })).mutation(async ({ ctx, input }) => {
    return toWire(await resizeProject(ctx, input));
  }),

  upgrade: procedure.input(byRef.extend({ release: knownRelease.optional() })).mutation(async ({ ctx, input }) => {
    return toWire(await upgradeProject(ctx, { ref: input.ref, release: input.release ?? null }));
  }),

  setProfile: procedure.input(byRef.extend({ profile })).mutation(async ({ ctx, input }) => {
    return toWire(await setProfile(ctx, input));
  }),

  spec: procedure
    .input(byRef.extend({ showSecrets: z.boolean().optional() }))
    .mutation(async ({ ctx, input }): Promise<ProjectSpec> => {
      return exportSpec(ctx, { ref: input.ref, showSecrets: input.showSecrets ?? false });
    }),

  apiKeys: procedure.input(byRef.extend({ reveal: z.boolean().optional() })).query(async ({ ctx, input }) => {
    const keys = await listApiKeys(ctx, { ref: input.ref, reveal: input.reveal ?? false });
    return keys.map(keyToWire);
  }),
});

function power(verb: PowerVerb) {
  return procedure.input(byRef).mutation(async ({ ctx, input }) => toWire(await setPower(ctx, { ...input, verb })));
}

function toWire(project: FoundProject): Project {
  return {
    ref: project.ref,
    name: project.name,
    organization: project.organizationSlug,
    status: project.status,
    statusReason: statusReason(project),
    region: project.region,
    size: project.size,
    release: project.release,
    profile: project.profile,
    postgresVersion: project.postgresVersion,
    url: gateway(project).url,
    database: database(project),
    drift: project.drift === null ? [] : sentences.parse(JSON.parse(project.drift)),
    createdAt: isoTime(project.createdAt),
  };
}

function keyToWire({ id, name, type, role, description, key }: KnownKey): ApiKey {
  return { id, name, type, role, description, key };
}
