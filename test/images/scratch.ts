import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DockerEngine, imagesOf, removeLabelled } from '../docker/engine.ts';

/** Containers, volumes and networks of one test file, which are gone when it is over. */
export function scratch(engine: DockerEngine, name: string) {
  const prefix = `supafleet-image-test-${name}-${randomBytes(3).toString('hex')}`;
  const label = `dev.supafleet.image-test=${prefix}`;

  async function create(part: string, image: string, options: string[], command: string[] = []): Promise<string> {
    const container = `${prefix}-${part}`;
    await engine.run(['create', '--name', container, '--label', label, ...options, image, ...command]);
    return container;
  }

  return {
    create,
    /** Creates and starts; answers the container's name. */
    async start(part: string, image: string, options: string[], command: string[] = []): Promise<string> {
      const container = await create(part, image, options, command);
      await engine.run(['start', container]);
      return container;
    },
    async volume(part: string): Promise<string> {
      return (await engine.run(['volume', 'create', '--label', label, `${prefix}-${part}`])).trim();
    },
    async network(): Promise<string> {
      await engine.run(['network', 'create', '--label', label, prefix]);
      return prefix;
    },
    /** Puts a file, readable for everybody, into a container that was created. */
    async put(container: string, path: string, content: string): Promise<void> {
      const directory = await mkdtemp(join(tmpdir(), 'supafleet-image-test-'));
      try {
        await writeFile(join(directory, 'file'), content, { mode: 0o644 });
        await engine.run(['cp', join(directory, 'file'), `${container}:${path}`]);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    remove: () => removeLabelled(engine, label),
  };
}

/** What stands in for an image of upstream, by its name without the tag: the last one of the map. */
export function imageFor(engine: DockerEngine, upstream: string): string {
  const found = Object.entries(imagesOf(engine).images).findLast(([name]) => name.startsWith(`${upstream}:`));
  if (found === undefined) throw new Error(`the image map has no ${upstream}`);
  return found[1];
}
