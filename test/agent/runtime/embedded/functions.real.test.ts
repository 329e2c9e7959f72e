import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedRuntime } from '../../../../agent/runtime/embedded/create-runtime.ts';
import { type LiveSpec, portOffsets } from '../../../../schema/stack-spec.ts';
import { portBlock } from '../../../support/port-block.ts';
import { gatewayOf, runSql } from './gateway-client.ts';
import { eventually, makeRoot, makeSpec, never, openRuntime, processesOf, refOf } from './support.ts';

describe('edge functions of an embedded project', () => {
  let place: Awaited<ReturnType<typeof makeRoot>>;
  let runtime: EmbeddedRuntime;
  let spec: LiveSpec;

  beforeAll(async () => {
    place = await makeRoot();
    runtime = await openRuntime(place.root, { functionLimits: { perProject: 12, perHost: 12 } });
    spec = await makeSpec(refOf('functions'), await portBlock());
    await runtime.apply(spec, { specHash: 'h', signal: never });
  });
  afterAll(async () => {
    await runtime.close();
    await place.remove();
  });

  async function write(slug: string, source: string): Promise<string> {
    const directory = join(place.root, 'projects', spec.ref, 'functions', slug);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'index.ts'), source);
    return join(directory, 'index.ts');
  }

  const call = (path: string, init: RequestInit = {}) => fetch(`${gatewayOf(spec)}/functions/v1/${path}`, init);

  it('answers what an operator put there, with method, path, body and shared code', async () => {
    await write('_shared', "export const greeting: string = 'hello';");
    await write(
      'hello',
      `import { greeting } from '../_shared/index.ts';
       Deno.serve({ port: 8000 }, async (request) => Response.json({
         greeting, method: request.method, path: new URL(request.url).pathname, body: await request.text(),
       }, { status: 201, headers: { 'x-mine': 'yes' } }));`,
    );
    expect(await processesOf(place.root, spec.ref, 'functions')).toEqual([]);
    const response = await call('hello/deep?x=1', { method: 'POST', body: 'text' });
    expect([response.status, response.headers.get('x-mine')]).toEqual([201, 'yes']);
    expect(await response.json()).toEqual({ greeting: 'hello', method: 'POST', path: '/hello/deep', body: 'text' });
  });

  it.each(['nothing', '_shared', ''])('answers 404 for %j', async (slug) => {
    const response = await call(slug);
    expect(response.status).toBe(404);
    if (slug === 'nothing') {
      expect(await response.json()).toEqual({ code: 'NOT_FOUND', message: 'Requested function was not found' });
    }
  });

  it.each(['..%2f..%2fetc', 'hello%00', '%2e%2e/x', 'hello.ts'])('leads nowhere with %j', async (slug) => {
    expect([400, 404]).toContain((await call(slug)).status);
  });

  it('says so when a function does not start, and runs it once it is mended', async () => {
    const path = await write('broken', 'throw new Error("no");');
    const broken = await call('broken');
    expect([broken.status, (await broken.json()).code]).toEqual([503, 'BOOT_ERROR']);
    await writeFile(path, "Deno.serve(() => new Response('mended'));");
    await utimes(path, 1_000_000, 1_000_000);
    expect(await (await call('broken')).text()).toBe('mended');
  });

  it('runs changed code at the next call', async () => {
    const path = await write('versioned', "Deno.serve(() => new Response('one'));");
    expect(await (await call('versioned')).text()).toBe('one');
    await writeFile(path, "Deno.serve(() => new Response('two'));");
    await utimes(path, 2_000_000, 2_000_000);
    expect(await (await call('versioned')).text()).toBe('two');
  });

  it('starts one process for many first calls at once', async () => {
    await write('crowd', 'Deno.serve(() => new Response(String(Deno.pid)));');
    const answers = await Promise.all(Array.from({ length: 20 }, async () => (await call('crowd')).text()));
    expect(new Set(answers).size).toBe(1);
  });

  it('streams, and gives the keys that reach its own project', async () => {
    await write(
      'rows',
      `Deno.serve(async () => {
         const key = Deno.env.get('SUPABASE_SERVICE_ROLE_KEY')!;
         const url = Deno.env.get('SUPABASE_URL') + '/rest/v1/items?select=id';
         const answer = await fetch(url, { headers: { apikey: key, authorization: 'Bearer ' + key } });
         return new Response(answer.body, { headers: { 'x-has-url': String(Boolean(Deno.env.get('SUPABASE_DB_URL'))) } });
       });`,
    );
    await runSql(spec, 'create table items (id int); insert into items values (3)');
    const response = await call('rows');
    expect(response.headers.get('x-has-url')).toBe('true');
    expect(await response.json()).toEqual([{ id: 3 }]);
  });

  it('cannot read the host, write, or start a program', async () => {
    await write(
      'curious',
      `const attempts = {
         passwd: () => Deno.readTextFile('/etc/passwd'),
         stamp: () => Deno.readTextFile('../../stack.json'),
         data: () => Deno.readTextFile('../../data/PG_VERSION'),
         sibling: () => Deno.readTextFile('../hello/index.ts'),
         environ: () => Deno.readTextFile('/proc/self/environ'),
         write: () => Deno.writeTextFile('/tmp/supafleet-was-here', 'x'),
         own: () => Deno.writeTextFile('index.ts', 'x'),
         run: () => new Deno.Command('/bin/true').output(),
       };
       Deno.serve(async () => {
         const results: Record<string, string> = {};
         for (const [name, attempt] of Object.entries(attempts)) {
           try { await attempt(); results[name] = 'done'; } catch (error) { results[name] = error.name; }
         }
         return Response.json({ results, env: Object.keys(Deno.env.toObject()).sort() });
       });`,
    );
    const { results, env } = await (await call('curious')).json();
    expect(new Set(Object.values(results))).toEqual(new Set(['NotCapable']));
    expect(
      env.filter((name: string) => !/^(SUPABASE_|SUPAFLEET_|DENO_|NO_COLOR|HOME|LANG|PATH|TZ)/.test(name)),
    ).toEqual([]);
  });

  it('speak websocket', async () => {
    await write(
      'echo',
      `Deno.serve((request) => {
         const { socket, response } = Deno.upgradeWebSocket(request);
         socket.onmessage = ({ data }) => socket.send('echo ' + data);
         return response;
       });`,
    );
    const socket = new WebSocket(`${gatewayOf(spec).replace('http', 'ws')}/functions/v1/echo`);
    const heard = new Promise((resolve, reject) => {
      socket.onopen = () => socket.send('hello');
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = () => reject(new Error('the socket failed'));
    });
    expect(await heard).toBe('echo hello');
    socket.close();
  });

  it('say in one log which of them said what', async () => {
    for (const slug of ['loud', 'louder']) {
      await write(slug, `console.log('${slug} starts'); Deno.serve(() => new Response('ok'));`);
    }
    await Promise.all(['loud', 'louder'].map(async (slug) => (await call(slug)).text()));
    const path = join(place.root, 'projects', spec.ref, 'logs/functions.log');
    const lines = async () => (await readFile(path, 'utf8')).split('\n');
    await eventually('both lines', async () => {
      const said = await lines();
      return said.includes('[loud] loud starts') && said.includes('[louder] louder starts');
    });
  });

  it('answers 502 when a process ends in the middle of a call, and starts another one', async () => {
    await write('dies', "Deno.serve((r) => r.method === 'DELETE' ? Deno.exit(3) : new Response('alive'));");
    const dead = await call('dies', { method: 'DELETE' });
    expect([dead.status, await dead.json()]).toMatchObject([502, { code: 'WORKER_ERROR' }]);
    await eventually('alive again', async () => (await call('dies')).status === 200);
  });

  it('answers 503 when all processes there may be are at work, and serves a new one once one only idles', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `busy${index}`);
    for (const name of names) {
      await write(name, 'Deno.serve(async (request) => new Response(await request.text() + "!"));');
    }
    const uploads = names.map((name) => {
      let finish: () => void = () => undefined;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(Buffer.from(name));
          finish = () => controller.close();
        },
      });
      const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
      return { finish: () => finish(), answer: call(name, init) };
    });
    await write('late', "Deno.serve(() => new Response('late'));");
    await eventually('full', async () => (await processesOf(place.root, spec.ref, 'functions')).length >= 12, 60_000);
    await eventually('refused', async () => (await call('late')).status === 503);
    const refused = await call('late');
    expect([refused.headers.get('retry-after'), await refused.json()]).toMatchObject(['1', { code: 'WORKER_LIMIT' }]);
    for (const { finish } of uploads) finish();
    expect(await Promise.all(uploads.map(async ({ answer }) => (await answer).text()))).toEqual(
      names.map((name) => `${name}!`),
    );
    expect(await (await call('late')).text()).toBe('late');
    expect((await processesOf(place.root, spec.ref, 'functions')).length).toBeLessThanOrEqual(12);
  });

  it('reach neither the database nor postgres-meta over their sockets, whatever they try', async () => {
    await runSql(spec, 'select 1');
    const run = join(place.root, 'run');
    const sockets = [join(run, spec.ref, `.s.PGSQL.${spec.firstPort + portOffsets.postgres}`), join(run, 'meta', 's')];
    for (const path of sockets) expect((await stat(path)).isSocket()).toBe(true);
    await write(
      'tunnel',
      `import net from 'node:net';
       import http from 'node:http';
       const opened = (socket) => new Promise((resolve, reject) => {
         socket.once('connect', resolve).once('response', resolve).once('error', reject);
       });
       const attempts = {
         connect: (path) => Deno.connect({ transport: 'unix', path }),
         net: (path) => opened(net.connect({ path })),
         netText: (path) => opened(net.connect(path)),
         http: (path) => opened(http.request({ socketPath: path, path: '/' }).end()),
         client: (path) => fetch('http://x/', { client: Deno.createHttpClient({ proxy: { transport: 'unix', path } }) }),
         fetchUnix: (path) => fetch('unix:' + path),
         fetchHttpUnix: (path) => fetch('http+unix://' + encodeURIComponent(path) + '/'),
         link: async (path) => { await Deno.symlink(path, './s'); await Deno.connect({ transport: 'unix', path: './s' }); },
         proc: () => Deno.readTextFile('/proc/' + Deno.ppid + '/environ'),
         kill: () => Deno.kill(Deno.ppid, 'SIGCONT'),
         list: () => Array.fromAsync(Deno.readDir('/tmp')),
         worker: (path) => new Promise((resolve, reject) => {
           const code = 'Deno.connect({transport:"unix",path:' + JSON.stringify(path) + '}).then(() => postMessage("done"), (e) => postMessage(e.name))';
           const worker = new Worker('data:application/javascript,' + encodeURIComponent(code), { type: 'module' });
           worker.onmessage = ({ data }) => data === 'done' ? resolve() : reject(new Error(data));
           worker.onerror = (event) => { event.preventDefault(); reject(new Error('refused')); };
         }),
       };
       Deno.serve(async (request) => {
         const done = [];
         for (const path of await request.json()) {
           for (const [name, attempt] of Object.entries(attempts)) {
             try { await attempt(path); done.push(name + ' ' + path); } catch { /* as it should be */ }
           }
         }
         return Response.json(done);
       });`,
    );
    const response = await call('tunnel', { method: 'POST', body: JSON.stringify(sockets) });
    expect([response.status, await response.json()]).toEqual([200, []]);
  });

  it('leave no process when the project stops', async () => {
    expect((await processesOf(place.root, spec.ref, 'functions')).length).toBeGreaterThan(0);
    await runtime.stop(spec.ref, { signal: never });
    expect(await processesOf(place.root, spec.ref)).toEqual([]);
  });
});
