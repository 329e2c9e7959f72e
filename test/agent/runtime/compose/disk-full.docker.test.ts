import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ComposeRuntime } from '../../../../agent/runtime/compose/create-runtime.ts';
import { specHash } from '../../../../agent/spec-hash.ts';
import type { LiveSpec } from '../../../../schema/stack-spec.ts';
import { describeWithDocker, requiredEngine } from '../../../docker/engine.ts';
import { makeSpec, never, refOf } from '../embedded/support.ts';
import { makeHost, openRuntime, removeHost, type TestHost } from './support.ts';

const exec = promisify(execFile);
const firstPort = 24_800;

describeWithDocker("when the disk of an agent's data directory is full", () => {
  let disk: SmallDisk | null = null;
  let host: TestHost;
  let runtime: ComposeRuntime;
  let old: LiveSpec;

  beforeAll(async () => {
    disk = await mountSmallDisk();
    if (disk === null) return;
    host = { ...(await makeHost({ firstPort, addressPool: '10.237.0.0/20' })), root: join(disk.path, 'host') };
    runtime = await openRuntime(requiredEngine(), host);
    old = await makeSpec(refOf('old'), firstPort, { profile: 'minimal' });
    await apply(old);
  });
  afterAll(async () => {
    if (disk === null) return;
    await disk.empty();
    for (const name of ['old', 'new']) await runtime.remove(refOf(name), { signal: never });
    await runtime.close();
    await removeHost(requiredEngine(), host);
    await disk.unmount();
  });
  beforeEach((context) => {
    if (disk === null) context.skip('this takes root and a loop device');
  });

  test('a new project says so, the old one is served, and it comes up once there is room', async () => {
    const spec = await makeSpec(refOf('new'), firstPort + 10, { profile: 'minimal' });
    await disk?.fill();
    await expect(apply(spec)).rejects.toThrow('disk is full');
    await runtime.probe(old.ref, { signal: never });
    expect((await seen(spec))?.state ?? 'stopped').toBe('stopped');
    await disk?.empty();
    await apply(spec);
    await runtime.probe(spec.ref, { signal: never });
    await runtime.remove(spec.ref, { signal: never });
  });

  test('a change says so and breaks nothing: files are as they were, and it is made once there is room', async () => {
    const changed: LiveSpec = { ...old, generation: 2, size: 'small' };
    const compose = join(host.root, 'projects', old.ref, 'compose.yaml');
    const before = await readFile(compose, 'utf8');
    await disk?.fill();
    await expect(apply(changed)).rejects.toThrow('disk is full');
    expect(await readFile(compose, 'utf8')).toBe(before);
    await runtime.probe(old.ref, { signal: never });
    expect(await seen(old)).toMatchObject({ state: 'partial', drift: [] });
    await disk?.empty();
    await apply(changed);
    expect(await seen(old)).toMatchObject({ state: 'running', specHash: specHash(changed), drift: [] });
    await runtime.probe(old.ref, { signal: never });
  });

  test('a project can be deleted', async () => {
    await disk?.fill();
    await runtime.remove(old.ref, { signal: never });
    expect(await seen(old)).toBeUndefined();
  });

  function apply(spec: LiveSpec): Promise<void> {
    return runtime.apply(spec, { specHash: specHash(spec), signal: never });
  }

  async function seen({ ref }: LiveSpec) {
    return (await runtime.observe({ signal: never })).find((stack) => stack.ref === ref);
  }
});

type SmallDisk = { path: string; fill(): Promise<void>; empty(): Promise<void>; unmount(): Promise<void> };

/** A file system of 32 MB in a file; null where none may be mounted. */
async function mountSmallDisk(): Promise<SmallDisk | null> {
  const home = await mkdtemp(join(tmpdir(), 'sf-disk-'));
  const [image, path] = [join(home, 'image'), join(home, 'mounted')];
  await writeFile(image, '');
  await truncate(image, 32 * 1024 * 1024);
  await mkdir(path);
  try {
    await exec('mkfs.ext4', ['-q', '-m', '0', image]);
    await exec('mount', ['-o', 'loop', image, path]);
  } catch {
    await rm(home, { recursive: true });
    return null; // not root, or a container without loop devices
  }
  const filler = join(path, 'filler');
  return {
    path,
    async fill() {
      const { bavail, bsize } = await statfs(path);
      await writeFile(filler, Buffer.alloc(Math.max(0, bavail - 2) * bsize));
      // to the last block, whatever the file system keeps for itself
      for (let count = 0; (await statfs(path)).bavail > 0 && count < 64; count += 1)
        await writeFile(`${filler}-${count}`, Buffer.alloc(bsize)).catch(() => undefined);
    },
    async empty() {
      await rm(filler, { force: true });
      for (let count = 0; count < 64; count += 1) await rm(`${filler}-${count}`, { force: true });
    },
    async unmount() {
      await exec('umount', [path]);
      await rm(home, { recursive: true });
    },
  };
}
