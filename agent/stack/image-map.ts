import { z } from 'zod';
import { stackServices } from '../../schema/stack-profiles.ts';
import { stackReleases } from '../../schema/stack-releases.ts';
import { RuntimeFailure } from '../runtime-failure.ts';

/**
 * Where an operator's images come from. `registry` stands in front of every image; `images` replaces single ones: by the
 * name of the release manifest with its tag, by service (`db`, `auth`, …, `meta`, `edge`), or by the name without a tag.
 * They are looked up in this order, and what an entry says gets no `registry` in front. An entry without a tag or digest
 * keeps the one of the release.
 *
 *     {
 *       "registry": "registry.example.com:5000/mirror",
 *       "images": {
 *         "supabase/gotrue:v2.196.0": "ours/gotrue:patched",
 *         "supabase/postgres": "registry.example.com/postgres",
 *         "edge": "caddy@sha256:…"
 *       }
 *     }
 *
 * Credentials do not belong here: `docker login` keeps them for the user the agent runs as.
 */
export const imageMap = z.strictObject({
  registry: z.string().optional(),
  images: z.record(z.string(), z.string()).default({}),
});
export type ImageMap = z.infer<typeof imageMap>;

/** host or host:port, then lower-case path components */
const host = String.raw`(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?`;
const component = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;
const registryForm = new RegExp(`^${host}(?:/${component})*$`);
const nameForm = new RegExp(`^(?:${host}/)?${component}(?:/${component})*$`);
const tagForm = /^[\w][\w.-]{0,127}$/;
const digestForm = /^sha256:[0-9a-f]{64}$/;

/**
 * Reads an operator's image map from the text of its file. Throws a RuntimeFailure that names the entry and says what
 * is wrong with it: an image is a name with a tag or a digest, never a variable, an option or more than one line.
 */
export function parseImageMap(text: string): ImageMap {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new RuntimeFailure('The image map is not JSON', { cause });
  }
  const parsed = imageMap.safeParse(json);
  if (!parsed.success) {
    const { path = [], message = '' } = parsed.error.issues[0] ?? {};
    throw new RuntimeFailure(`The image map does not fit: ${path.join('.') || 'the whole'}: ${message}`);
  }
  const { registry, images } = parsed.data;
  if (registry !== undefined && (registry.length > 255 || !registryForm.test(registry))) {
    throw new RuntimeFailure(
      `The image map's registry ${shown(registry)} is not a host with an optional port and path`,
    );
  }
  for (const [from, to] of Object.entries(images)) {
    if (!isImage(from)) throw new RuntimeFailure(`The image map's entry ${shown(from)} names no image and no service`);
    if (!isImage(to))
      throw new RuntimeFailure(`The image map turns ${shown(from)} into ${shown(to)}: not an image name`);
  }
  return parsed.data;
}

/** The entries that replace nothing: neither a service nor an image of a release is called that. */
export function strayEntries({ images }: ImageMap): string[] {
  const known = new Set<string>(['meta', 'edge', ...stackServices]);
  const manifests = [stackReleases.host, ...Object.values(stackReleases.releases).map((release) => release.images)];
  for (const image of manifests.flatMap((manifest) => Object.values(manifest))) known.add(image).add(split(image).name);
  return Object.keys(images).filter((entry) => !known.has(entry));
}

/** The image to run for a service, and what the release manifest calls it. Throws a RuntimeFailure when it is no image. */
export function resolveImage(map: ImageMap, service: string, image: string): string {
  const resolved = lookUp(map, service, image);
  if (!isImage(resolved))
    throw new RuntimeFailure(`The image of ${service} would be ${shown(resolved)}: not an image name`);
  return resolved;
}

function lookUp(map: ImageMap, service: string, image: string): string {
  const { name, version } = split(image);
  const entries = new Map(Object.entries(map.images));
  const entry = entries.get(image) ?? entries.get(service) ?? entries.get(name);
  if (entry !== undefined) return split(entry).version === '' ? `${entry}${version}` : entry;
  return map.registry === undefined ? image : `${map.registry}/${image}`;
}

function isImage(text: string): boolean {
  if (text.length > 512) return false;
  const { name, version } = split(text);
  if (!nameForm.test(name)) return false;
  if (version === '') return true;
  const [tag = '', digest] = version.startsWith('@') ? ['', version.slice(1)] : version.slice(1).split('@');
  return (
    (tag === '' ? version.startsWith('@') : tagForm.test(tag)) && (digest === undefined || digestForm.test(digest))
  );
}

/** The name of an image, and its tag and digest with the character that leads to them. */
function split(image: string): { name: string; version: string } {
  const lastComponent = image.lastIndexOf('/') + 1;
  const start = image.slice(lastComponent).search(/[:@]/);
  if (start === -1) return { name: image, version: '' };
  return { name: image.slice(0, lastComponent + start), version: image.slice(lastComponent + start) };
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
