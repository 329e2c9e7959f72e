import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sealConnection } from '../../agent/runtime/compose/connection-header.ts';
import { describeWithDocker, requiredEngine, untilContainer } from '../docker/engine.ts';
import { until } from '../support/until.ts';
import { imageFor, scratch } from './scratch.ts';

describeWithDocker("the images of the host's own containers", () => {
  const engine = requiredEngine();
  const own = scratch(engine, 'host');
  let directory: string | null = null;
  afterAll(async () => {
    await own.remove();
    if (directory !== null) await rm(directory, { recursive: true, force: true });
  });

  const addressOf = async (name: string) =>
    (await engine.run(['inspect', '--format', '{{.NetworkSettings.IPAddress}}', name])).trim();

  test('postgres-meta reaches the database that a request names in its encrypted header', async () => {
    const database = await own.start('db', imageFor(engine, 'supabase/postgres'), [
      ...['--env', 'POSTGRES_PASSWORD=secret', '--health-cmd', 'pg_isready -U postgres -h 127.0.0.1'],
      ...['--health-interval', '1s'],
    ]);
    const meta = await own.start('meta', imageFor(engine, 'supabase/postgres-meta'), [
      ...[
        '--cap-drop',
        'ALL',
        '--env',
        'PG_META_HOST=0.0.0.0',
        '--env',
        'PG_META_PORT=8080',
        '--env',
        'CRYPTO_KEY=key',
      ],
    ]);
    await untilContainer(engine, database, 'healthy');
    const url = `http://${await addressOf(meta)}:8080`;
    await until(
      () =>
        fetch(`${url}/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
      { what: 'postgres-meta', timeoutMs: 60_000 },
    );
    const connection = `postgresql://supabase_admin:secret@${await addressOf(database)}:5432/postgres`;
    const headers = { 'x-connection-encrypted': sealConnection(connection, 'key', randomBytes(8)) };
    const schemas: { name: string }[] = await (await fetch(`${url}/schemas`, { headers })).json();
    expect(schemas.map(({ name }) => name)).toContain('storage');
  });

  test('Caddy starts from a file, takes a configuration over its socket, and resumes it after a restart', async () => {
    directory = await mkdtemp(join(tmpdir(), 'supafleet-edge-image-'));
    const edge = await own.create(
      'edge',
      imageFor(engine, 'caddy'),
      [
        ...['--cap-drop', 'ALL', '--read-only', '--tmpfs', '/tmp', '--volume', `${directory}:/edge`],
        ...['--env', 'XDG_CONFIG_HOME=/edge/config', '--env', 'XDG_DATA_HOME=/edge/data', '--env', 'HOME=/edge'],
      ],
      ['caddy', 'run', '--resume', '--config', '/edge/start.json'],
    );
    const admin = { listen: 'unix//edge/admin.sock|0600' };
    await writeFile(join(directory, 'start.json'), JSON.stringify({ admin }));
    await engine.run(['start', edge]);
    const socketPath = join(directory, 'admin.sock');
    await until(
      () =>
        stat(socketPath).then(
          () => true,
          () => false,
        ),
      { what: 'the admin socket' },
    );
    const routes = [{ handle: [{ handler: 'static_response', body: 'from the edge' }] }];
    const apps = { http: { servers: { main: { listen: [':8080'], routes } } } };
    expect(await post(socketPath, '/load', { admin, apps })).toBe(200);
    await engine.run(['restart', edge]);
    const answer = async () => (await fetch(`http://${await addressOf(edge)}:8080/`)).text();
    await until(
      () =>
        answer().then(
          (text) => text === 'from the edge',
          () => false,
        ),
      { what: 'the resumed edge' },
    );
  });
});

function post(socketPath: string, path: string, body: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', host: '' };
    const asked = request({ socketPath, path, method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.once('error', reject);
    asked.end(JSON.stringify(body));
  });
}
