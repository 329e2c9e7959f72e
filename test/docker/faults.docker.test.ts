import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { composeProjectOf } from '../../agent/runtime/compose/names.ts';
import type { Project } from '../../client/contract/projects.ts';
import { stackReleases } from '../../schema/stack-releases.ts';
import { until } from '../support/until.ts';
import { describeWithDocker, imagesOf, requiredEngine } from './engine.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { keepRow } from './kept-row.ts';

const logLine = z.object({ time: z.iso.datetime(), message: z.string(), ref: z.string().optional() });

describeWithDocker('what goes wrong on a Docker host', () => {
  const engine = requiredEngine();
  const mark = randomBytes(4).toString('hex');
  /** an image that nobody has yet */
  const late = `supafleet-test/late-${mark}:1`;
  /** of the release before the newest, which no project but one runs */
  const rest = stackReleases.releases['2026.06']?.images.rest ?? '';
  /** what removes all that is not the fleet's */
  const undo: string[][] = [];
  let fleet: Fleet;
  let imageMap = '';
  let first: Project;
  let read: () => Promise<unknown>;

  beforeAll(async () => {
    const { images } = imagesOf(engine);
    imageMap = join(await mkdtemp(join(tmpdir(), 'supafleet-images-')), 'images.json');
    await writeFile(imageMap, JSON.stringify({ images: { ...images, [rest]: late } }));
    fleet = await startFleet({ ...engine, imageMap });
    first = await fleet.client.projects.get.query({ ref: fleet.dev.project ?? '' });
    read = await keepRow(fleet, first);
    await untilRead();
  });
  afterAll(async () => {
    await fleet?.remove();
    await rm(dirname(imageMap), { recursive: true, force: true });
    for (const words of undo) await engine.run(words);
  });

  test('containers that somebody removed, stopped, paused, limited and cut off come back, and what only looks like them is left alone', async () => {
    const project = composeProjectOf(first.ref);
    const before = await fleet.containers(first.ref);
    const stranger = `${project}-stranger-1`;
    await engine.run(['network', 'create', '--subnet', '10.219.81.0/29', stranger]);
    await engine.run([
      ...['run', '--detach', '--name', stranger, '--network', stranger],
      ...[before.get('rest')?.image ?? '', 'sleep', '600'],
    ]);
    undo.push(['rm', '--force', stranger], ['network', 'rm', stranger]);
    await engine.run(['rm', '--force', `${project}-rest-1`]);
    await engine.run(['stop', '--time', '1', `${project}-auth-1`]);
    await engine.run(['network', 'disconnect', `${project}_default`, `${project}-functions-1`]);
    await engine.run(['update', '--memory', '99m', '--memory-swap', '99m', `${project}-imgproxy-1`]);
    await engine.run(['pause', `${project}-db-1`]);
    await untilWhole(before);
    await untilRead();
    expect((await fleet.containers(first.ref)).get('imgproxy')?.memoryBytes).toBe(before.get('imgproxy')?.memoryBytes);
    expect(before.get('storage')?.id).toBe((await fleet.containers(first.ref)).get('storage')?.id);
    expect((await engine.run(['inspect', '--format', '{{.State.Status}}', stranger])).trim()).toBe('running');
  });

  test('a compose.yaml that somebody edited and ran is told, kept, and put right', async () => {
    const project = composeProjectOf(first.ref);
    const before = await fleet.containers(first.ref);
    const path = join(fleet.home(first.ref), 'compose.yaml');
    const edited = (await readFile(path, 'utf8')).replace('mem_limit:', 'cpu_shares: 77\n    mem_limit:');
    await writeFile(path, edited);
    // the agent may be quicker than Compose, which then finds its containers gone
    await engine.run(['compose', '--project-directory', fleet.home(first.ref), 'up', '--detach']).catch(() => 'late');
    await untilWhole(before);
    await untilRead();
    const shares = await engine.run(['inspect', '--format', '{{.HostConfig.CpuShares}}', `${project}-db-1`]);
    expect(shares.trim()).toBe('0');
    const kept = await readdir(join(fleet.home(first.ref), 'drift'));
    const copy = await readFile(join(fleet.home(first.ref), 'drift', kept[0] ?? ''), 'utf8');
    expect(copy).toBe(edited);
    const { items } = await fleet.client.audit.list.query({ organization: first.organization });
    expect(JSON.stringify(items.find(({ action }) => action === 'project.drift'))).toContain('compose.yaml');
  });

  test('the edge and postgres-meta serve again within seconds, whatever was done to them', async () => {
    const names = ['edge', 'meta'].map((service) => `supafleet-host-${fleet.dev.host.slice(0, 8)}-${service}-1`);
    for (const deed of [['rm', '--force'], ['kill'], ['pause']]) {
      await engine.run([...deed, ...names]);
      await untilRead(30_000);
      await until(() => answers(() => fleet.query(first.ref, 'select 1')), {
        what: `SQL to run again after ${deed[0]}`,
        timeoutMs: 30_000,
        everyMs: 200,
      });
    }
  });

  test('a stranger on the port of a project is named there, and it is served again once the port is free', async () => {
    const port = Number(new URL(first.url).port);
    await engine.run(['rm', '--force', `supafleet-host-${fleet.dev.host.slice(0, 8)}-edge-1`]);
    const stranger = await occupy(port);
    try {
      await until(async () => (await statusOf(first)).statusReason?.includes(`127.0.0.1:${port}`) ?? false, {
        what: `the project to say that port ${port} is taken`,
        timeoutMs: 60_000,
        everyMs: 200,
      });
    } finally {
      await new Promise((resolve) => stranger.close(resolve));
    }
    await untilRead(60_000);
    await fleet.untilStatus(first.ref, 'ACTIVE_HEALTHY');
  });

  test('an image that cannot be had fails one project, is tried less and less often, and used once it is there', async () => {
    const { ref } = await fleet.client.projects.create.mutate({
      organization: first.organization,
      name: 'late',
      profile: 'minimal',
      release: '2026.06',
    });
    await fleet.untilStatus(ref, 'INIT_FAILED');
    expect((await fleet.client.projects.get.query({ ref })).statusReason).toContain(late);
    expect(await fleet.supafleet(['projects', 'show', ref])).toContain(late);
    await until(async () => (await starts(ref)).length >= 3, { what: 'three tries', timeoutMs: 60_000, everyMs: 200 });
    const [one = 0, two = 0] = await waits(ref);
    expect(one).toBeGreaterThan(3_500);
    expect(one).toBeLessThan(8_000);
    expect(two).toBeGreaterThan(7_500);
    expect(two).toBeLessThan(13_000);
    expect(await read()).toEqual([{ id: 7 }]);
    await engine.run(['tag', imagesOf(engine).images[rest] ?? '', late]);
    undo.push(['image', 'rm', late]);
    await fleet.untilStatus(ref, 'ACTIVE_HEALTHY');
    expect(await fleet.query(ref, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  function statusOf({ ref }: Project): Promise<Project> {
    return fleet.client.projects.get.query({ ref });
  }

  async function untilRead(timeoutMs = 60_000): Promise<void> {
    const isRead = () => answers(async () => expect(await read()).toEqual([{ id: 7 }]));
    await until(isRead, { what: 'the row to be read', timeoutMs, everyMs: 200 });
  }

  /** All that ran before runs and is healthy, and the control plane knows. */
  async function untilWhole(before: ReadonlyMap<string, unknown>): Promise<void> {
    const isWhole = async () => {
      const { status, drift } = await statusOf(first);
      const running = [...(await fleet.containers(first.ref)).values()].filter((one) => one.status === 'running');
      return status === 'ACTIVE_HEALTHY' && drift.length === 0 && running.length === before.size;
    };
    await until(isWhole, { what: 'the project to be whole again', timeoutMs: 90_000, everyMs: 300 });
  }

  async function logOf(ref: string): Promise<{ at: number; message: string }[]> {
    const text = await readFile(join(fleet.installation.dataDir, 'logs/agent.log'), 'utf8');
    const lines = text.split('\n').filter((line) => line.endsWith('}'));
    return lines
      .map((line) => logLine.parse(JSON.parse(line)))
      .filter((line) => line.ref === ref)
      .map(({ time, message }) => ({ at: Date.parse(time), message }));
  }

  async function starts(ref: string): Promise<number[]> {
    return (await logOf(ref)).filter(({ message }) => message === 'apply started').map(({ at }) => at);
  }

  /** Milliseconds from the end of each try to the next one. */
  async function waits(ref: string): Promise<number[]> {
    const begun = await starts(ref);
    const failed = (await logOf(ref)).filter(({ message }) => message === 'apply failed').map(({ at }) => at);
    return begun.slice(1).map((at, index) => at - (failed[index] ?? at));
  }
});

function answers(ask: () => Promise<unknown>): Promise<boolean> {
  return ask().then(
    () => true,
    () => false,
  );
}

/** Takes a port as soon as it is free. */
async function occupy(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  const listens = () =>
    new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
  await until(listens, { what: `port ${port} to be free`, timeoutMs: 5_000, everyMs: 10 });
  return server;
}
