import { z } from 'zod';
import { stackReleases } from '../../schema/stack-releases.ts';
import type { Project } from './find.ts';

/** What new projects get. */
export const newestRelease = stackReleases.newest;

/** Every release there is, oldest first. */
const releases = Object.keys(stackReleases.releases).toSorted(compareReleases);

/** A release that is there; any other is refused by name. */
export const knownRelease = z
  .string()
  .max(32)
  .refine((release) => releases.includes(release), `must be one of the releases ${releases.join(', ')}`);

/** The major version of Postgres in a release; null: no such release. */
export function postgresMajor(release: string): string | null {
  return stackReleases.releases[release]?.postgresVersion ?? null;
}

/** Releases that a project of this one can change to, the newest first: later ones whose Postgres reads its data. */
export function targetReleases({ release, postgresVersion }: Pick<Project, 'release' | 'postgresVersion'>): string[] {
  return releases
    .filter((other) => compareReleases(other, release) > 0 && postgresMajor(other) === postgresVersion)
    .reverse();
}

/** The tag of a release's Postgres image, such as `17.6.1.136`; for a release that is gone, what is known. */
export function postgresTag(release: string): string | null {
  const image = stackReleases.releases[release]?.images.db.replace(/@.*$/, '');
  return image?.match(/:([^/:]+)$/)?.[1] ?? null;
}

/** The version of a project's database: by its release where images make it, else what is known, the major version. */
export function databaseVersion(project: Pick<Project, 'hostRuntime' | 'release' | 'postgresVersion'>): string {
  return (project.hostRuntime === 'compose' ? postgresTag(project.release) : null) ?? project.postgresVersion;
}

/** Less than zero when the first one is older. `2026.09.1` comes after `2026.09`. */
export function compareReleases(one: string, other: string): number {
  const [first, second] = [one, other].map((release) => release.split('.').map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (first?.[index] ?? 0) - (second?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
