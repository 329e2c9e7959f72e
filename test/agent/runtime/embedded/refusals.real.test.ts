import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, rename, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedRuntime } from '../../../../agent/runtime/embedded/create-runtime.ts';
import { RuntimeFailure } from '../../../../agent/runtime-failure.ts';
import { portOffsets } from '../../../../schema/stack-spec.ts';
import { portBlock } from '../../../support/port-block.ts';
import { makeRoot, makeSpec, never, openRuntime, processesOf, recordingLog, refOf } from './support.ts';

describe('what cannot be brought up', () => {
  let place: Awaited<ReturnType<typeof makeRoot>>;
  let runtime: EmbeddedRuntime;

  beforeAll(async () => {
    place = await makeRoot();
    runtime = await openRuntime(place.root);
    await runtime.prepare(never);
  });
  afterAll(async () => {
    await runtime.close();
    await place.remove();
  });

  async function expectNothingOf(ref: string): Promise<void> {
    expect(await processesOf(place.root, ref)).toEqual([]);
    expect(readdirSync(join(place.root, 'projects')).filter((name) => name.startsWith(ref))).toEqual([]);
    expect(existsSync(join(place.root, 'run', ref))).toBe(false);
    expect((await runtime.observe({ signal: never })).map((stack) => stack.ref)).not.toContain(ref);
  }

  it.each(['gateway', 'postgres', 'rest', 'restAdmin'] as const)(
    'names the port when a stranger has the one of %s, leaves nothing, and works once it is free',
    async (name) => {
      const spec = await makeSpec(refOf('ports'), await portBlock());
      const stranger = await listenOn(spec.firstPort + portOffsets[name]);
      const message = `Port ${spec.firstPort + portOffsets[name]} of this project's block is in use by another process`;
      await expect(runtime.apply(spec, { specHash: 'h', signal: never })).rejects.toThrow(new RuntimeFailure(message));
      await expectNothingOf(spec.ref);
      await closed(stranger);
      await runtime.apply(spec, { specHash: 'h', signal: never });
      await runtime.remove(spec.ref, { signal: never });
    },
  );

  it('leaves nothing of a first apply that was aborted, whenever that was', async () => {
    const spec = await makeSpec(refOf('aborted'), await portBlock());
    for (const afterMs of [0, 20, 60, 120, 200, 300]) {
      const signal = AbortSignal.timeout(afterMs);
      const outcome = await runtime.apply(spec, { specHash: 'h', signal }).then(
        () => 'applied',
        () => 'aborted',
      );
      if (outcome === 'applied') await runtime.remove(spec.ref, { signal: never });
      await expectNothingOf(spec.ref);
    }
    await runtime.apply(spec, { specHash: 'h', signal: never });
    await runtime.remove(spec.ref, { signal: never });
  });

  it('never removes data that was there before an apply that failed', async () => {
    const spec = await makeSpec(refOf('kept'), await portBlock());
    await runtime.apply(spec, { specHash: 'h', signal: never });
    await runtime.stop(spec.ref, { signal: never });
    const stranger = await listenOn(spec.firstPort);
    await expect(runtime.apply(spec, { specHash: 'h', signal: never })).rejects.toThrow(RuntimeFailure);
    await closed(stranger);
    expect((await runtime.observe({ signal: never })).find(({ ref }) => ref === spec.ref)).toMatchObject({
      state: 'stopped',
      specHash: 'h',
    });
    await runtime.apply(spec, { specHash: 'h', signal: never });
    await runtime.probe(spec.ref, { signal: never });
    await runtime.remove(spec.ref, { signal: never });
  });

  it('installs a program again that went missing', async () => {
    const binaries = join(place.root, 'bin');
    const postgrest = readdirSync(binaries).find((name) => name.startsWith('postgrest-')) ?? '';
    await rename(join(binaries, postgrest), join(binaries, 'elsewhere'));
    const spec = await makeSpec(refOf('missing'), await portBlock());
    await runtime.apply(spec, { specHash: 'h', signal: never });
    await runtime.remove(spec.ref, { signal: never });
    expect(existsSync(join(binaries, postgrest))).toBe(true);
  });

  it('refuses a Postgres version it does not have', async () => {
    const spec = await makeSpec(refOf('version'), await portBlock(), { postgresVersion: '15' });
    await expect(runtime.apply(spec, { specHash: 'h', signal: never })).rejects.toThrow(/Postgres 15/);
    await expectNothingOf(spec.ref);
  });
});

describe('a host that is closed while it still installs its programs', () => {
  it('has ended every tool by then, so that nothing is written behind its back', async () => {
    const place = await makeRoot();
    try {
      let resolve: (closed: Promise<void>) => void = () => undefined;
      const closed = new Promise<void>((told) => {
        resolve = told;
      });
      const runtime: EmbeddedRuntime = await openRuntime(place.root, {}, recordingLog(), (step) => {
        if (step === 'program copied') resolve(runtime.close());
      });
      let isOver = false;
      const spec = await makeSpec(refOf('early'), await portBlock());
      const applying = runtime.apply(spec, { specHash: 'h', signal: never }).finally(() => {
        isOver = true;
      });
      const refused = expect(applying).rejects.toThrow(/shutting down/);
      await closed;
      await new Promise((resolve) => setImmediate(resolve));
      expect(isOver).toBe(true);
      await refused;
      expect(await processesOf(place.root)).toEqual([]);
    } finally {
      await place.remove();
    }
  });
});

describe('where a host lies', () => {
  it.runIf(process.getuid?.() === 0)(
    'goes elsewhere when the services cannot enter the root, says so, and stays there',
    async () => {
      const place = await makeRoot();
      try {
        const [hidden, systemRoot] = [join(place.root, 'hidden'), join(place.root, 'system')];
        await mkdir(hidden, { mode: 0o700 });
        const root = join(hidden, 'data');
        const first = await openRuntime(root, { systemRoot });
        const { relocated } = first;
        await first.prepare(never);
        const spec = await makeSpec(refOf('moved'), await portBlock());
        await first.apply(spec, { specHash: 'h', signal: never });
        await first.probe(spec.ref, { signal: never });
        await first.close();
        expect(relocated).toMatch(new RegExp(`^${systemRoot}/[0-9a-f]{12}$`));
        expect(first.servicesUser).not.toBe('root');
        await chmod(hidden, 0o711);
        const second = await openRuntime(root, { systemRoot });
        expect(second.relocated).toBe(relocated);
        expect(await second.observe({ signal: never })).toMatchObject([{ ref: spec.ref }]);
        await second.close();
      } finally {
        await place.remove();
      }
    },
  );

  it.each([
    ['too long for a socket', ['a'.repeat(60), 'b'.repeat(60)]],
    ['with spaces and signs in it', ["my data + 100% #1 & 'ü' (x)"]],
  ])('works below a path %s', async (_, names) => {
    const place = await makeRoot();
    try {
      const long = join(place.root, ...names);
      await mkdir(long, { recursive: true, mode: 0o711 });
      const runtime = await openRuntime(long, { temporary: place.root });
      const spec = await makeSpec(refOf('long'), await portBlock());
      await runtime.apply(spec, { specHash: 'h', signal: never });
      await runtime.probe(spec.ref, { signal: never });
      expect((await stat(join(long, 'projects', spec.ref, 'data'))).mode & 0o777).toBe(0o700);
      await runtime.close();
    } finally {
      await place.remove();
    }
  });
});

it.each(['"', '$HOME', '`id`', 'a\\b', 'a\nb'])('says which directory initdb could not work in: %j', async (name) => {
  const place = await makeRoot();
  try {
    await expect(openRuntime(join(place.root, name))).rejects.toThrow(/initdb cannot work below/);
  } finally {
    await place.remove();
  }
});

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
