import { statfs } from 'node:fs/promises';
import { nullWhenAbsent } from '../../absence.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { type Check, type CheckContext, failed, ok, type Verdict, warning } from '../check.ts';
import { engineInfo } from '../engine-info.ts';
import { nearestExisting } from '../nearest-existing.ts';

const gigabyte = 1_000_000_000;

type Place = { what: string; freeBytes: number };

/** There is room for images, databases and uploads. */
export const diskCheck: Check = {
  name: 'disk',
  async run(context) {
    const dataDir = await nearestExisting(context.subject.dataDir);
    const places: Place[] = [{ what: dataDir, freeBytes: await freeBytes(dataDir) }];
    const dockerRoot = context.subject.settings.runtime === 'compose' ? await rootOfDocker(context) : null;
    // inside a container the engine's own directory is out of sight
    const seen = dockerRoot === null ? null : await nullWhenAbsent(freeBytes(dockerRoot));
    if (dockerRoot !== null && seen !== null) places.push({ what: dockerRoot, freeBytes: seen });
    return diskVerdict(places);
  },
};

/** The scarcest place decides. */
export function diskVerdict(places: readonly Place[]): Verdict {
  const shown = places
    .map(({ what, freeBytes }) => `${(freeBytes / gigabyte).toFixed(1)} GB free in ${what}`)
    .join(', ');
  const least = Math.min(...places.map((place) => place.freeBytes));
  if (least < 2 * gigabyte) return failed(shown, 'Free some space: images and databases need at least 2 GB.');
  if (least < 20 * gigabyte) return warning(shown, 'Plan for 20 GB or more: images take about 6 GB, databases grow.');
  return ok(shown);
}

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** null: not known; why, the check of the engine says. */
async function rootOfDocker(context: CheckContext): Promise<string | null> {
  try {
    return (await engineInfo(context)).DockerRootDir ?? null;
  } catch (error) {
    if (error instanceof RuntimeFailure) return null;
    throw error;
  }
}
