import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedRuntime } from '../../../../agent/runtime/embedded/create-runtime.ts';
import { type LiveSpec, portOffsets } from '../../../../schema/stack-spec.ts';
import { portBlock } from '../../../support/port-block.ts';
import { runSql } from './gateway-client.ts';
import { eventually, makeRoot, makeSpec, never, openRuntime, processesOf, recordingLog, refOf } from './support.ts';

describe('the postgres-meta that all projects of a host share', () => {
  let place: Awaited<ReturnType<typeof makeRoot>>;
  let runtime: EmbeddedRuntime;
  let spec: LiveSpec;
  const log = recordingLog();

  beforeAll(async () => {
    place = await makeRoot();
    runtime = await openRuntime(place.root, {}, log);
    spec = await makeSpec(refOf('meta'), await portBlock());
    await runtime.apply(spec, { specHash: 'h', signal: never });
    await eventually('it runs', async () => (await metaOf(runtime))?.status === 'healthy');
  });
  afterAll(async () => {
    await runtime.close();
    await place.remove();
  });

  const pid = async () => (await processesOf(place.root, undefined, 'pg_meta'))[0] ?? 0;
  const socketPath = () => join(place.root, 'run/meta/s');

  it('listens on no port, and on a socket in a directory that only it and the agent may enter', async () => {
    expect(tcpListeners(await pid())).toBe(0);
    const directory = await stat(join(place.root, 'run/meta'));
    expect(directory.mode & 0o777).toBe(0o700);
    expect((await stat(socketPath())).isSocket()).toBe(true);
  });

  it('does not run as root, so that Postgres does not take it for the agent', async () => {
    expect(uidOf(await pid())).not.toBe('0');
    expect(log.lines.filter(({ level, message }) => level === 'warn' && message.includes('own user'))).toEqual([]);
  });

  it('gives nobody the superuser, even one who gets to its socket', async () => {
    const port = spec.firstPort + portOffsets.postgres;
    const socketDirectory = join(place.root, 'run', spec.ref);
    const hostile = [
      undefined,
      `postgresql://supabase_admin@/postgres?host=${socketDirectory}&port=${port}`,
      `postgresql://supabase_admin:x@127.0.0.1:${port}/postgres?sslmode=disable&statement_timeout=1000&host=${socketDirectory}`,
      `postgresql://postgres:x@127.0.0.1:${port}/postgres?host=${socketDirectory}&user=supabase_admin`,
      `socket:${socketDirectory}?db=postgres&user=supabase_admin`,
    ];
    for (const pg of hostile) {
      const answer = await ask(socketPath(), { ...(pg === undefined ? {} : { pg }), 'x-connection-encrypted': 'x' });
      expect(answer).toEqual({ status: 400, body: '{"error":"no database of a project was named"}' });
    }
  });

  it('is told of as it is: ended after a kill, and running again after the next request', async () => {
    process.kill(await pid(), 'SIGKILL');
    await eventually('told', async () => (await metaOf(runtime))?.status === 'unhealthy');
    expect((await metaOf(runtime))?.error).toMatch(/^postgres-meta ended \(SIGKILL\)/);
    await eventually('SQL runs again', async () => (await runSql(spec, 'select 1 as one')).status === 200);
    expect(await metaOf(runtime)).toMatchObject({ status: 'healthy', error: null });
  });
});

it.runIf(process.getuid?.() === 0)(
  'whose program the services cannot read, postgres-meta runs as the agent, and that is said',
  async () => {
    const place = await makeRoot();
    const hidden = join(place.root, 'hidden');
    await mkdir(hidden, { mode: 0o700 });
    const program = join(import.meta.dirname, '../../../../agent/runtime/embedded/meta-server.ts');
    await writeFile(join(hidden, 'entry.ts'), `await import(${JSON.stringify(program)});\n`);
    const log = recordingLog();
    const runtime = await openRuntime(place.root, { metaEntry: join(hidden, 'entry.ts') }, log);
    try {
      await runtime.prepare(never);
      const [pid] = await processesOf(place.root, undefined, 'pg_meta');
      expect(uidOf(pid ?? 0)).toBe('0');
      expect(log.lines).toContainEqual({
        level: 'warn',
        message: "postgres-meta runs as the agent's own user: the services' user cannot read its program",
        fields: expect.objectContaining({ entry: join(hidden, 'entry.ts') }),
      });
    } finally {
      await runtime.close();
      await place.remove();
    }
  },
);

function uidOf(pid: number): string | undefined {
  return /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}

async function metaOf(runtime: EmbeddedRuntime) {
  const [stack] = await runtime.observe({ signal: never });
  return stack?.services.find(({ name }) => name === 'pg_meta');
}

function ask(socketPath: string, headers: IncomingHttpHeaders): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: '/query', method: 'POST', headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += String(chunk);
      });
      response.once('end', () => resolve({ status: response.statusCode, body }));
    });
    asking.once('error', reject);
    asking.end('{"query":"select current_user"}');
  });
}

/** How many TCP sockets of a process listen. */
function tcpListeners(pid: number): number {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap(
      (fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [],
    ),
  );
  const tables = ['tcp', 'tcp6'].map((name) => readFileSync(`/proc/${pid}/net/${name}`, 'utf8'));
  const rows = tables.flatMap((table) => table.trim().split('\n').slice(1)).map((line) => line.trim().split(/\s+/));
  return rows.filter((row) => row[3] === '0A' && inodes.has(row[9] ?? '')).length;
}
