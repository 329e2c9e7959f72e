import { readFile } from 'node:fs/promises';
import { nullWhenAbsent } from '../../absence.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { parseImageMap } from '../../stack/image-map.ts';
import { type Check, failed, ok } from '../check.ts';

/** The operator's image map can be read. */
export const imageMapCheck: Check = {
  name: 'image-map',
  async run({ subject }) {
    const path = subject.settings.imageMap;
    if (path === null) return ok("none: upstream's images");
    const text = await nullWhenAbsent(readFile(path, 'utf8'));
    if (text === null) return failed(`${path} is not there`, 'Put it there, or name another with --image-map FILE.');
    try {
      const { images, registry } = parseImageMap(text);
      return ok(
        `${path}: ${Object.keys(images).length} images${registry === undefined ? '' : `, the rest from ${registry}`}`,
      );
    } catch (error) {
      if (error instanceof RuntimeFailure) return failed(`${path}: ${error.message}`, 'Correct the file.');
      throw error;
    }
  },
};
