import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { readHostFile } from '../../agent/host-file.ts';
import { labels } from '../../agent/stack/labels.ts';
import { describeWithDocker, removeLabelled, requiredEngine } from '../docker/engine.ts';
import { imageFor } from '../images/scratch.ts';
import { portBlock } from '../support/port-block.ts';
import { freePort } from '../support/sqld.ts';
import { until } from '../support/until.ts';
import { buildAgentImage, buildOverlayImages } from './build-images.ts';
import { createOverlayStack, type OverlayStack } from './overlay-stack.ts';

const isLong = process.env.SUPAFLEET_FULL === undefined;
const why = isLong ? ' (skipped: part of .ci/run --full)' : '';

describeWithDocker(`the agent of the overlay${why}`, () => {
  const engine = requiredEngine();
  let directory: string;
  let stack: OverlayStack;

  beforeEach((context) => {
    if (isLong) context.skip(why);
  });
  beforeAll(async () => {
    if (isLong) return;
    directory = await mkdtemp(join(tmpdir(), 'supafleet-overlay-'));
    const images = await buildOverlayImages(engine, directory);
    const own = { gateway: imageFor(engine, 'caddy'), agent: await buildAgentImage(engine, directory) };
    stack = await createOverlayStack(engine, { ...images, ...own }, directory);
    await stack.compose([
      'up',
      '--wait',
      '--wait-timeout',
      '90',
      'supafleet-gateway',
      'supafleet-worker',
      'supafleet-agent',
      'supafleet-sqld',
      'supafleet-studio',
    ]);
  });

  afterAll(async () => {
    if (isLong) return;
    const host = await readHostFile(join(directory, 'agent'));
    await stack?.remove();
    if (host?.hostId) await removeLabelled(engine, `${labels.host}=${host.hostId}`);
    await rm(directory, { recursive: true, force: true });
  });

  const inAgent = (words: string[], environment: Record<string, string> = {}) => {
    const options = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    return stack.compose(['exec', '--no-TTY', ...options, 'supafleet-agent', ...words]);
  };
  const supafleet = (...words: string[]) =>
    inAgent(['supafleet', ...words], {
      SUPAFLEET_URL: stack.url.replace('localhost', '127.0.0.1'),
      SUPAFLEET_TOKEN: stack.settings.SUPAFLEET_ADMIN_ACCESS_TOKEN ?? '',
    });

  test('joins by the commands of the guide, and brings up a project that the worker reaches', async () => {
    const token = (await supafleet('hosts', 'token')).trim();
    // its own directory is the same on both sides, so the map lies there
    const imageMap = join(directory, 'agent/images.json');
    await mkdir(join(directory, 'agent'), { recursive: true });
    await copyFile(engine.imageMap, imageMap);
    const first = await portBlock(100);
    // the machine as its containers see it
    const inspect = ['network', 'inspect', '--format', '{{range .IPAM.Config}}{{.Gateway}}{{end}}'];
    const address = (await engine.run([...inspect, `${stack.project}_supafleet`])).trim();
    await inAgent(
      [
        ...['supafleet-agent', 'join', stack.url.replace('localhost', '127.0.0.1'), '--image-map', imageMap],
        ...[
          '--project-host',
          address,
          '--edge',
          'ports',
          '--edge-address',
          address,
          '--port-range',
          `${first}-${first + 99}`,
        ],
        ...['--front-door', `127.0.0.1:${await freePort()}`],
      ],
      { SUPAFLEET_AGENT_TOKEN: token },
    );
    const hosts = z.object({ items: z.array(z.object({ state: z.string() })) });
    await until(
      async () => hosts.parse(JSON.parse(await supafleet('hosts', 'list', '--json'))).items[0]?.state === 'reporting',
      { what: 'the host to report', timeoutMs: 30_000, everyMs: 500 },
    );
    const created = z
      .object({ ref: z.string(), status: z.string() })
      .parse(
        JSON.parse(
          await supafleet('projects', 'create', '--organization', await slug(), '--name', 'there', '--wait', '--json'),
        ),
      );
    expect(created.status).toBe('ACTIVE_HEALTHY');
    const answer = await fetch(`${stack.url}/api/platform/pg-meta/${created.ref}/query`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${stack.settings.SUPAFLEET_ADMIN_ACCESS_TOKEN}`,
      },
      body: JSON.stringify({ query: 'select 1 as one' }),
    });
    expect([answer.status, await answer.json()]).toEqual([201, [{ one: 1 }]]);
  });

  async function slug(): Promise<string> {
    const { items } = z
      .object({ items: z.array(z.object({ slug: z.string() })) })
      .parse(JSON.parse(await supafleet('organizations', 'list', '--json')));
    return items[0]?.slug ?? '';
  }
});
