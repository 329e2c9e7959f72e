import type { Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import { type Alteration, alterProject } from './alter.ts';
import type { Project } from './find.ts';
import { compareReleases, newestRelease, postgresMajor, postgresTag, targetReleases } from './releases.ts';

/**
 * Changes a project to a later release of the stack; null: the newest. Errors: those of `alterProject`, and
 * `wrong_state` for an older release, for one with another major version of Postgres, for a paused project, and where
 * no images make the stack.
 */
export async function upgradeProject(ctx: Ctx, input: { ref: string; release: string | null }): Promise<Project> {
  return alterProject(ctx, input.ref, (project) => upgrading(project, input.release ?? newestRelease));
}

/**
 * As `upgradeProject`, by what the Management API calls a version: a major version of Postgres for the newest release
 * that has it, the tag of one's Postgres with or without its prefix, or a release. Errors also: `invalid_input`.
 */
export async function upgradeToVersion(ctx: Ctx, input: { ref: string; version: string }): Promise<Project> {
  return alterProject(ctx, input.ref, (project) => {
    const release = releaseOf(project, input.version);
    if (release !== null) return upgrading(project, release);
    const targets = targetReleases(project).map(postgresTag).join(', ') || 'none';
    throw new AppError('invalid_input', `target_version: must be a version to upgrade to; there are: ${targets}`);
  });
}

function upgrading(project: Project, release: string): Alteration | null {
  const before = project.release;
  if (project.hostRuntime === 'embedded') {
    throw new AppError(
      'wrong_state',
      'The host of this project runs the embedded runtime, whose Postgres and services come with the agent: upgrade that instead',
    );
  }
  if (release === before) return null;
  if (compareReleases(release, before) < 0) {
    throw new AppError(
      'wrong_state',
      `The project is on release ${before}; going back to ${release} is not possible, since what the later one wrote may be unreadable to it`,
    );
  }
  const postgresVersion = postgresMajor(release);
  if (postgresVersion !== project.postgresVersion) {
    throw new AppError(
      'wrong_state',
      `Release ${release} has Postgres ${postgresVersion}, the project's data is of Postgres ${project.postgresVersion}: make a new project on that release and move the data by a dump`,
    );
  }
  if (project.power === 'paused') {
    throw new AppError(
      'wrong_state',
      'The project is paused; restore it first, so that the upgrade can be seen to work',
    );
  }
  return {
    columns: { release },
    change: 'upgrade',
    audit: { action: 'project.upgrade', details: { release, before } },
  };
}

function releaseOf(project: Project, version: string): string | null {
  const wanted = version.replace(/^supabase-postgres-/, '');
  const candidates = [...targetReleases(project), project.release];
  return (
    candidates.find((release) => release === wanted || postgresTag(release) === wanted) ??
    candidates.find((release) => postgresMajor(release) === wanted) ??
    (postgresMajor(wanted) === null ? null : wanted)
  );
}
