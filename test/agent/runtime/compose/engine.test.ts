import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEngine } from '../../../../agent/runtime/compose/engine/engine.ts';
import { type EventStream, followEvents } from '../../../../agent/runtime/compose/engine/events.ts';
import { createWatch, type Watch } from '../../../../agent/runtime/compose/watch.ts';
import { RuntimeFailure } from '../../../../agent/runtime-failure.ts';
import { labels } from '../../../../agent/stack/labels.ts';
import { until } from '../../../support/until.ts';
import { clock, never, recordingLog } from '../embedded/support.ts';

let directory: string;
let socketPath: string;
let server: Server | null = null;
let watch: Watch | null = null;
let events: EventStream | null = null;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sf-engine-'));
  socketPath = join(directory, 'docker.sock');
});
afterEach(async () => {
  await watch?.close();
  await events?.close();
  [watch, events] = [null, null];
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  server = null;
  await rm(directory, { recursive: true, force: true });
});

describe('an engine that does not do its work is told in words, in time', () => {
  test('nobody listens', async () => {
    await expect(look()).rejects.toThrow(`does not run: nobody listens at ${socketPath}`);
  });

  test('it hangs', async () => {
    await listen(() => undefined);
    await expect(look()).rejects.toThrow('did not answer');
  });

  test('it hangs in the middle of its answer', async () => {
    await listen((_request, response) => {
      response.write('[');
    });
    await expect(look()).rejects.toThrow('did not answer');
  });

  test('it refuses', async () => {
    await listen((_request, response) => {
      response.writeHead(500).end(JSON.stringify({ message: 'layer does not exist' }));
    });
    await expect(look()).rejects.toThrow('The Docker engine refused (500): layer does not exist');
  });

  test.each(['nonsense', '{"an":"object"}'])('it is something else: %s', async (text) => {
    await listen((_request, response) => {
      response.end(text);
    });
    await expect(look()).rejects.toThrow(RuntimeFailure);
  });

  test('a caller that gives up is no failure of the engine', async () => {
    await listen(() => undefined);
    const stop = new AbortController();
    const looking = createEngine({ socketPath }).containers([], stop.signal);
    stop.abort(new Error('given up'));
    await expect(looking).rejects.toThrow('given up');
  });
});

test('a list is read as it is written by old and new engines', async () => {
  await listen((request, response) => {
    expect(decodeURIComponent(request.url ?? '')).toBe(
      '/containers/json?all=1&filters={"label":["dev.supafleet.host=h"]}',
    );
    response.end(JSON.stringify([listed('db', 'running', 'Up 2 minutes (healthy)'), listed('auth', 'dead', 'Dead')]));
  });
  const [db, auth] = await createEngine({ socketPath }).containers([`${labels.host}=h`], never);
  expect(db).toMatchObject({ service: 'db', state: 'running', health: 'healthy', addresses: { n: '10.0.0.2' } });
  expect(auth).toMatchObject({ service: 'auth', state: 'exited', health: 'none' });
});

describe('the picture of the engine', () => {
  test('is asked for once and then only when something happened', async () => {
    const engine = await listenAsEngine();
    await lookAnd((picture) => picture.containers.length === 1);
    const asked = engine.asked();
    for (let count = 0; count < 50; count++) expect((await watch?.look(never))?.isNew).toBe(false);
    expect(engine.asked()).toBe(asked);
    engine.tell({ Type: 'container', Action: 'die' });
    await until(() => watch?.isDue() ?? false, { what: 'the event' });
    expect((await watch?.look(never))?.isNew).toBe(true);
    expect(engine.asked()).toBe(asked + 1);
  });

  test('stays, and says so, while the engine is away; what happened meanwhile is seen when it is back', async () => {
    const engine = await listenAsEngine();
    await lookAnd((picture) => picture.containers.length === 1);
    engine.breakOff();
    await lookAnd((picture) => picture.blind !== null);
    expect((await watch?.look(never))?.picture.containers).toHaveLength(1);
    engine.back([]);
    await lookAnd((picture) => picture.blind === null && picture.containers.length === 0);
  });
});

test('a stream of events that broke off is opened again', async () => {
  let opened = 0;
  await listen((_request, response) => {
    response.writeHead(200);
    response.flushHeaders();
    if (opened === 0) response.end();
  });
  events = followEvents(
    { socketPath, labels: [], onOpen: () => (opened += 1), onEvent: () => undefined },
    { clock, log: recordingLog() },
  );
  await until(() => opened === 2 && events?.isOpen() === true, { what: 'the second stream' });
});

function look() {
  return createEngine({ socketPath, timeoutMs: 200 }).containers([], never);
}

async function lookAnd(check: (picture: Awaited<ReturnType<Watch['look']>>['picture']) => boolean): Promise<void> {
  await until(
    async () => {
      const seen = await watch?.look(never);
      return seen !== undefined && check(seen.picture) && (seen.picture.blind !== null || !watch?.isDue());
    },
    { what: 'the picture' },
  );
}

async function listen(answer: RequestListener): Promise<void> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
}

/** Lists and an event stream, as far as a picture needs them. */
async function listenAsEngine() {
  let asked = 0;
  let isAway = false;
  let containers: object[] = [listed('db', 'running', 'Up 2 minutes')];
  const streams = new Set<import('node:http').ServerResponse>();
  await listen((request, response) => {
    if (isAway) {
      response.destroy();
      return;
    }
    if (request.url?.startsWith('/events')) {
      response.writeHead(200);
      response.flushHeaders();
      streams.add(response);
      return;
    }
    asked += 1;
    if (request.url?.startsWith('/containers')) response.end(JSON.stringify(containers));
    else response.end(request.url?.startsWith('/volumes') ? '{"Volumes":null}' : '[]');
  });
  watch = createWatch(
    { socketPath, hostId: 'h', engine: createEngine({ socketPath, timeoutMs: 1_000 }), onEvent: () => undefined },
    { clock, log: recordingLog() },
  );
  return {
    asked: () => asked,
    tell(event: object) {
      for (const stream of streams) stream.write(`${JSON.stringify(event)}\n`);
    },
    breakOff() {
      isAway = true;
      for (const stream of streams) stream.destroy();
      streams.clear();
    },
    back(next: object[]) {
      containers = next;
      isAway = false;
    },
  };
}

function listed(service: string, state: string, status: string): object {
  return {
    Id: `id-${service}`,
    Names: [`/supafleet-${service}-1`],
    Image: 'some/image:1',
    Labels: { [labels.host]: 'h', [labels.ref]: 'a'.repeat(20), [labels.service]: service },
    State: state,
    Status: status,
    NetworkSettings: { Networks: { n: { IPAddress: '10.0.0.2' } } },
  };
}
