import { z } from 'zod';
import { stackServices } from './stack-profiles.ts';
import manifest from './stack-releases.json' with { type: 'json' };

/** A release of the stack: `2026.09`, optionally with a patch, `2026.09.1`. */
export const stackRelease = z.string().regex(/^\d{4}\.\d{2}(\.\d{1,3})?$/, 'must be a stack release such as 2026.09');

/** An image with a tag or a digest, as Docker writes it. */
const image = z.string().regex(/^[a-z0-9][\w./:@-]{0,255}$/, 'must be an image reference');

const releaseManifest = z.object({
  /** what new projects get */
  newest: stackRelease,
  releases: z.record(
    stackRelease,
    z.object({
      /** major version of Postgres */
      postgresVersion: z.string(),
      images: z.record(z.enum(stackServices), image),
    }),
  ),
  /** what runs once on every host: postgres-meta and the edge */
  host: z.object({ meta: image, edge: image }),
});
export type ReleaseManifest = z.infer<typeof releaseManifest>;

/** Which images make which release: upstream's, before an operator's image map (`stack-releases.json`). */
export const stackReleases: ReleaseManifest = releaseManifest.parse(manifest);
