import { readFile } from 'node:fs/promises';
import { nullWhenAbsent } from '../../absence.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { parseImageMap, strayEntries } from '../../stack/image-map.ts';
import { type Check, failed, ok, warning } from '../check.ts';

/** The operator's image map can be read. */
export const imageMapCheck: Check = {
  name: 'image-map',
  async run({ subject }) {
    const path = subject.settings.imageMap;
    if (path === null) return ok("none: upstream's images");
    const text = await nullWhenAbsent(readFile(path, 'utf8'));
    if (text === null) return failed(`${path} is not there`, 'Put it there, or name another with --image-map FILE.');
    try {
      const map = parseImageMap(text);
      const { images, registry } = map;
      const strays = strayEntries(map);
      if (strays.length > 0) {
        return warning(
          `${path}: ${strays
            .slice(0, 5)
            .map((name) => JSON.stringify(name))
            .join(', ')} stand${strays.length === 1 ? 's' : ''} for no image of a release`,
          'Name an image as in schema/stack-releases.json, with or without its tag, or a service: db, auth, …, edge, meta.',
        );
      }
      return ok(
        `${path}: ${Object.keys(images).length} images${registry === undefined ? '' : `, the rest from ${registry}`}`,
      );
    } catch (error) {
      if (error instanceof RuntimeFailure) return failed(`${path}: ${error.message}`, 'Correct the file.');
      throw error;
    }
  },
};
