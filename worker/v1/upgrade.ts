import { createRoute, z } from '@hono/zod-openapi';
import { answer, emptyList } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { prefixedVersion } from '../http/wire/versions.ts';
import { findProject, type Project } from '../projects/find.ts';
import { isoTime } from '../projects/iso-time.ts';
import { databaseVersion, postgresTag } from '../projects/releases.ts';
import { upgradeToVersion } from '../projects/upgrade.ts';
import { type UpgradeState, upgradeState, upgradeTargets } from '../projects/upgrade-state.ts';

const path = '/projects/{ref}/upgrade';

const eligibilityWire = z.object({
  eligible: z.boolean(),
  current_app_version: z.string(),
  current_app_version_release_channel: z.literal('ga'),
  latest_app_version: z.string(),
  target_upgrade_versions: z.array(
    z.object({ postgres_version: z.string(), release_channel: z.literal('ga'), app_version: z.string() }),
  ),
  duration_estimate_hours: z.number(),
  legacy_auth_custom_roles: emptyList,
  objects_to_be_dropped: emptyList,
  unsupported_extensions: emptyList,
  user_defined_objects_in_internal_schemas: emptyList,
  validation_errors: z.array(z.object({ type: z.literal('project_hibernating') })),
  warnings: emptyList,
});

const eligibility = createRoute({
  method: 'get',
  path: `${path}/eligibility`,
  request: { params: refParams },
  responses: { 200: answer(eligibilityWire, 'What the project can be upgraded to') },
});

const upgrade = createRoute({
  method: 'post',
  path,
  request: {
    params: refParams,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            target_version: z.string().min(1).max(64),
            release_channel: z.literal('ga', 'only ga is available').optional(),
          }),
        },
      },
    },
  },
  responses: { 201: answer(z.object({ tracking_id: z.string() }), 'The project is being upgraded') },
});

const statusWire = z.object({
  databaseUpgradeStatus: z
    .object({
      initiated_at: z.string(),
      latest_status_at: z.string(),
      target_version: z.number(),
      status: z.number(),
      progress: z.enum(['0_requested', '1_started', '9_completed_upgrade']).optional(),
      error: z.literal('1_upgraded_instance_launch_failed').optional(),
    })
    .nullable(),
});
const status = createRoute({
  method: 'get',
  path: `${path}/status`,
  request: { params: refParams, query: z.object({ tracking_id: z.string().max(64).optional() }) },
  responses: { 200: answer(statusWire, 'How the last upgrade stands; null when nothing was upgraded last') },
});

/** Upgrades of a project to a later release of the stack (`/v1/projects/{ref}/upgrade`). */
export const v1Upgrade = createRouter()
  .openapi(eligibility, async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json(eligibilityToWire(project), 200);
  })
  .openapi(upgrade, async (c) => {
    const { target_version: version } = c.req.valid('json');
    const project = await upgradeToVersion(ctxOf(c), { ref: c.req.valid('param').ref, version });
    return c.json({ tracking_id: `${project.ref}-${project.generation}` }, 201);
  })
  .openapi(status, async (c) => {
    const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json(statusToWire(project), 200);
  });

/** Pulling images and a restart: minutes. */
const usualHours = 0.1;

function eligibilityToWire(project: Project): z.infer<typeof eligibilityWire> {
  const current = prefixedVersion(databaseVersion(project));
  const targets = upgradeTargets(project).map((release) =>
    prefixedVersion(postgresTag(release) ?? project.postgresVersion),
  );
  const isPaused = project.power === 'paused';
  return {
    eligible: targets.length > 0 && !isPaused,
    current_app_version: current,
    current_app_version_release_channel: 'ga',
    latest_app_version: targets[0] ?? current,
    target_upgrade_versions: targets.map((app_version) => ({
      postgres_version: project.postgresVersion,
      release_channel: 'ga',
      app_version,
    })),
    duration_estimate_hours: usualHours,
    legacy_auth_custom_roles: [],
    objects_to_be_dropped: [],
    unsupported_extensions: [],
    user_defined_objects_in_internal_schemas: [],
    validation_errors: isPaused ? [{ type: 'project_hibernating' }] : [],
    warnings: [],
  };
}

/** Studio's numbers. Steps of its that do not happen here are not told of. */
const states = {
  requested: { status: 0, progress: '0_requested' },
  running: { status: 0, progress: '1_started' },
  done: { status: 1, progress: '9_completed_upgrade' },
  failed: { status: 2, error: '1_upgraded_instance_launch_failed' },
} as const satisfies Record<UpgradeState, object>;

function statusToWire(project: Project): z.infer<typeof statusWire> {
  const state = upgradeState(project);
  if (state === null) return { databaseUpgradeStatus: null };
  return {
    databaseUpgradeStatus: {
      initiated_at: isoTime(project.changedAt),
      latest_status_at: isoTime(Math.max(project.changedAt, project.hostReportedAt ?? 0)),
      target_version: Number(project.postgresVersion),
      ...states[state],
    },
  };
}
