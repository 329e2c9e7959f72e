import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedRuntime } from '../../../../agent/runtime/embedded/create-runtime.ts';
import { type LiveSpec, portOffsets } from '../../../../schema/stack-spec.ts';
import { portBlock } from '../../../support/port-block.ts';
import { gatewayOf, runSql } from './gateway-client.ts';
import { makeRoot, makeSpec, never, openRuntime, processesOf, refOf } from './support.ts';

describe('edge functions of an embedded project', () => {
  let place: Awaited<ReturnType<typeof makeRoot>>;
  let runtime: EmbeddedRuntime;
  let spec: LiveSpec;

  beforeAll(async () => {
    place = await makeRoot();
    runtime = await openRuntime(place.root);
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
