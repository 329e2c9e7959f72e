import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findProcesses, signalProcess } from '../../agent/process-table.ts';
import type { Project } from '../../client/contract/projects.ts';
import { launcherMark } from '../../launcher/orphans.ts';
import { profileServices, type StackProfile } from '../../schema/stack-profiles.ts';
import { walkthrough } from '../launcher/walkthrough.ts';
import { killInstallation } from '../support/installation-processes.ts';
import { until } from '../support/until.ts';
import { lives } from './containers.ts';
import { describeWithDocker, requiredEngine } from './engine.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { keysOf, supabase } from './project-clients.ts';

const run = promisify(execFile);
/** Asks the API of its own project, then tries what `?knock=host:port` names, and its key at `?api=url`. */
const hello = `Deno.serve(async (request: Request) => {
  const api = Deno.env.get('SUPABASE_URL') ?? '';
  const headers = { apikey: Deno.env.get('SUPABASE_SERVICE_ROLE_KEY') ?? '' };
  const rows = await (await fetch(api + '/rest/v1/notes?select=body', { headers })).json();
  const knock = async (place: string) => {
    const [hostname = '', port] = place.split(':');
    const silent = new Promise((resolve) => setTimeout(resolve, 2_000, 'silent'));
    const asked = Deno.connect({ hostname, port: Number(port) }).then(
      (socket) => (socket.close(), 'open'),
      () => 'closed',
    );
    return [place, await Promise.race([asked, silent])];
  };
  const { searchParams } = new URL(request.url);
  const knocks = Object.fromEntries(await Promise.all(searchParams.getAll('knock').map(knock)));
  const elsewhere = await fetch(searchParams.get('api') + '/rest/v1/notes', { headers });
  return Response.json({ api, rows, knocks, elsewhere: elsewhere.status });
});
`;

describeWithDocker('what runs on a Docker host', () => {
  const engine = requiredEngine();
  let fleet: Fleet;
  let first: Project;
  let notes: Project;
  /** a row by the edge, as a client of the project reads it */
  let read: () => Promise<unknown>;

  beforeAll(async () => {
    fleet = await startFleet(engine);
    first = await fleet.client.projects.get.query({ ref: fleet.dev.project ?? '' });
  });
  afterAll(() => fleet?.remove());

  const everyLife = async () => ({
    host: lives(await fleet.containers()),
    first: lives(await fleet.containers(first.ref)),
    notes: lives(await fleet.containers(notes.ref)),
    applied: await Promise.all(
      [first, notes].map(({ ref }) => readFile(join(fleet.home(ref), 'applied.json'), 'utf8')),
    ),
  });
  const gatewayOf = async ({ ref }: Project) => {
    const format = '{{(index .IPAM.Config 0).Gateway}}';
    return (await engine.run(['network', 'inspect', '--format', format, `supafleet-${ref}_default`])).trim();
  };
  const agentLog = () => readFile(join(fleet.installation.dataDir, 'logs/agent.log'), 'utf8');

  test("the README's lines make a project and read a row, as they do without Docker", async () => {
    const directory = await mkdtemp(join(tmpdir(), 'supafleet-walkthrough-'));
    await symlink(fleet.installation.dataDir, join(directory, '.data'));
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', await walkthrough('curl')], { cwd: directory });
    await rm(directory, { recursive: true });
    expect(stdout.trim()).toMatch(/\[\{"body":"hello"\}\]$/);
    const { items } = await fleet.client.projects.list.query({ search: 'notes' });
    notes = await fleet.client.projects.get.query({ ref: items[0]?.ref ?? '' });
    const { secret } = await keysOf(fleet, notes.ref);
    read = async () => (await supabase(notes, secret).from('notes').select('body').throwOnError()).data;
  });

  test('a function that is put into its directory answers at once, and reaches its own API and nothing of others', async () => {
    await mkdir(join(fleet.home(notes.ref), 'functions/hello'));
    await writeFile(join(fleet.home(notes.ref), 'functions/hello/index.ts'), hello);
    const [own, others] = await Promise.all([fleet.containers(notes.ref), fleet.containers(first.ref)]);
    const database = `${own.get('db')?.address}:5432`;
    const foreign = [...others].map(([service, { address }]) => `${address}:${ports[service]}`);
    // what listens on the machine's loopback: the API, the front door, the edge's port of a project
    const machine = [fleet.installation.port, first.database.port, Number(new URL(first.url).port)];
    const gateway = await gatewayOf(notes);
    const knocks = [database, ...foreign, ...machine.map((port) => `${gateway}:${port}`)];
    // the edge listens in every project's network, and serves there what that project's keys open
    const query = [`api=http://${await gatewayOf(first)}:8000`, ...knocks.map((place) => `knock=${place}`)].join('&');
    const { publishable } = await keysOf(fleet, notes.ref);
    const answer = await fetch(`${notes.url}/functions/v1/hello?${query}`, { headers: { apikey: publishable } });
    const closed = Object.fromEntries(knocks.slice(1).map((place) => [place, expect.stringMatching(/closed|silent/)]));
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        api: 'http://api-gw:8000',
        rows: [{ body: 'hello' }],
        knocks: { ...closed, [database]: 'open' },
        elsewhere: 401,
      },
    ]);
  });

  test.each<StackProfile>(['minimal', 'full', 'standard'])(
    'the profile %s is made of its containers, and only vector sees the engine',
    async (profile) => {
      const before = await fleet.containers(notes.ref);
      const changed = await fleet.supafleet(['projects', 'profile', notes.ref, profile, '--wait', '--json']);
      expect(JSON.parse(changed)).toMatchObject({ status: 'ACTIVE_HEALTHY', profile });
      const after = await fleet.containers(notes.ref);
      expect([...after.keys()].sort()).toEqual([...profileServices[profile]].sort());
      const seers = [...after.values()].filter(({ sources }) => sources.some((path) => path.endsWith('docker.sock')));
      expect(seers.map(({ service }) => service)).toEqual(profile === 'full' ? ['vector'] : []);
      // what belongs to both runs on
      for (const service of profileServices.minimal) expect(after.get(service)).toEqual(before.get(service));
      expect(await read()).toEqual([{ body: 'hello' }]);
    },
  );

  test('a control plane that hangs stops nothing, and when it is back nothing is done that was done', async () => {
    const before = await everyLife();
    const said = (await agentLog()).length;
    const logged = (text: string) => async () => (await agentLog()).slice(said).includes(text);
    const planes = await findProcesses(
      ({ environment, executable }) =>
        environment.get(launcherMark) === fleet.installation.dataDir && /workerd|sqld/.test(executable ?? ''),
    );
    expect(planes).toHaveLength(3);
    for (const plane of planes) await signalProcess(plane, 'SIGSTOP');
    try {
      await until(logged('no list from the control plane'), { what: 'the agent to notice', timeoutMs: 30_000 });
      expect(await read()).toEqual([{ body: 'hello' }]);
    } finally {
      for (const plane of planes) await signalProcess(plane, 'SIGCONT');
    }
    await until(logged('the control plane answers again'), { what: 'the agent to go on', timeoutMs: 30_000 });
    await fleet.untilStatus(notes.ref, 'ACTIVE_HEALTHY');
    expect(await everyLife()).toEqual(before);
    expect((await agentLog()).slice(said)).not.toContain('apply started');
  });

  test('Ctrl-C of npm start leaves containers running and says so; the next start takes them as they are', async () => {
    const before = await everyLife();
    expect((await fleet.installation.stop()).code).toBe(0);
    expect(fleet.installation.output()).toMatch(/containers run on/);
    expect(await read()).toEqual([{ body: 'hello' }]);
    expect(await fleet.installation.start()).toEqual(fleet.dev);
    await fleet.untilStatus(notes.ref, 'ACTIVE_HEALTHY');
    expect(await everyLife()).toEqual(before);
  });

  test('kill -9 of all of npm start does the same', async () => {
    const before = await everyLife();
    await killInstallation(fleet.installation.dataDir);
    expect(await read()).toEqual([{ body: 'hello' }]);
    expect(await fleet.installation.start()).toEqual(fleet.dev);
    await fleet.untilStatus(notes.ref, 'ACTIVE_HEALTHY');
    expect(await everyLife()).toEqual(before);
    for (const { service, restarts } of (await fleet.containers(notes.ref)).values()) expect(restarts, service).toBe(0);
  });
});

/** Where each container of the standard profile listens. */
const ports: Record<string, number> = {
  db: 5432,
  auth: 9999,
  rest: 3000,
  realtime: 4000,
  storage: 5000,
  imgproxy: 5001,
  functions: 9000,
};
