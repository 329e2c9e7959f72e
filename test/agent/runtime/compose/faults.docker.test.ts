import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ComposeRuntime } from '../../../../agent/runtime/compose/create-runtime.ts';
import { specHash } from '../../../../agent/spec-hash.ts';
import type { LiveSpec } from '../../../../schema/stack-spec.ts';
import { type DockerEngine, describeWithDocker, requiredEngine } from '../../../docker/engine.ts';
import { makeSpec, never, refOf } from '../embedded/support.ts';
import { makeHost, openRuntime, removeHost, type TestHost } from './support.ts';

const firstPort = 24_500;

describeWithDocker('what goes wrong with one project', () => {
  let engine: DockerEngine;
  let host: TestHost;
  let runtime: ComposeRuntime;
  let sound: LiveSpec;

  beforeAll(async () => {
    engine = requiredEngine();
    host = await makeHost({ firstPort, addressPool: '10.235.0.0/20' });
    runtime = await openRuntime(engine, host);
    sound = await makeSpec(refOf('sound'), firstPort, { profile: 'minimal' });
    await apply(sound);
  });
  afterAll(async () => {
    for (const name of ['sound', 'broken']) await runtime.remove(refOf(name), { signal: never });
    await runtime.close();
    await removeHost(engine, host);
  });

  test('a stranger on its port: it is named, and the other project is served', async () => {
    const spec = await makeSpec(refOf('broken'), firstPort + 10, { profile: 'minimal' });
    const stranger = await occupy(firstPort + 10);
    await expect(apply(spec)).rejects.toThrow(`The edge cannot listen on 127.0.0.1:${firstPort + 10}`);
    await runtime.probe(sound.ref, { signal: never });
    await new Promise((resolve) => stranger.close(resolve));
    await apply(spec);
    await runtime.probe(spec.ref, { signal: never });
    await runtime.remove(spec.ref, { signal: never });
  });

  test('an image that cannot be had: it is named, nothing else changes', async () => {
    const text = await readFile(engine.imageMap, 'utf8');
    const broken = text.replaceAll(/"supafleet-double\/auth:[^"]*"/g, '"supafleet-test/none:9"');
    const imageMap = join(host.root, 'broken-images.json');
    await writeFile(imageMap, broken);
    const other = await makeHost({ firstPort: firstPort + 60, addressPool: '10.236.0.0/20' });
    const second = await openRuntime({ ...engine, imageMap }, other);
    const spec = await makeSpec(refOf('noimage'), firstPort + 60, { profile: 'minimal' });
    try {
      const failing = second.apply(spec, { specHash: 'h', signal: never });
      await expect(failing).rejects.toThrow('supafleet-test/none:9');
      await runtime.probe(sound.ref, { signal: never });
    } finally {
      await second.remove(spec.ref, { signal: never });
      await second.close();
      await removeHost(engine, other);
    }
  });

  test('a namesake of somebody else on the same engine: it is refused and left alone', async () => {
    const spec = await makeSpec(refOf('broken'), firstPort + 10, { profile: 'minimal' });
    const project = `com.docker.compose.project=supafleet-${spec.ref}`;
    const volume = (await engine.run(['volume', 'create', '--label', project, `supafleet-${spec.ref}_db-data`])).trim();
    await expect(apply(spec)).rejects.toThrow("is not this agent's");
    await runtime.remove(spec.ref, { signal: never });
    expect(await engine.run(['volume', 'ls', '--quiet', '--filter', `name=${volume}`])).toContain(volume);
    await engine.run(['volume', 'rm', volume]);
  });

  test('a directory in the place of its .env: it is told, kept and put right', async () => {
    const path = join(host.root, 'projects', sound.ref, '.env');
    await rm(path);
    await mkdir(path);
    runtime = await reopened();
    const seen = (await runtime.observe({ signal: never })).find(({ ref }) => ref === sound.ref);
    expect(seen?.drift).toEqual(['.env is no file']);
    await apply(sound);
    await runtime.probe(sound.ref, { signal: never });
  });

  test('an engine that hangs: each call says so in time, and what was seen is not forgotten', async () => {
    const socketPath = join(host.root, 'hanging.sock');
    const hanging = createServer(() => undefined);
    await new Promise<void>((resolve) => hanging.listen(socketPath, resolve));
    await runtime.close();
    const blind = await openRuntime({ ...engine, socketPath }, host);
    try {
      await expect(blind.apply(sound, { specHash: 'h', signal: never })).rejects.toThrow('did not answer');
      const seen = (await blind.observe({ signal: never })).find(({ ref }) => ref === sound.ref);
      expect(seen).toMatchObject({ ref: sound.ref, specHash: specHash(sound) });
      expect(seen?.services.find(({ name }) => name === 'db')?.error).toContain('did not answer');
      await blind.probe(sound.ref, { signal: never });
    } finally {
      await blind.close();
      hanging.close();
      runtime = await openRuntime(engine, host);
    }
  }, 60_000);

  async function reopened(): Promise<ComposeRuntime> {
    await runtime.close();
    return openRuntime(engine, host);
  }

  function apply(spec: LiveSpec): Promise<void> {
    return runtime.apply(spec, { specHash: specHash(spec), signal: never });
  }

  function occupy(port: number): Promise<Server> {
    const server = createServer((socket) => socket.destroy());
    return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
  }
});
