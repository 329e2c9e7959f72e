import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { render } from '../../agent/stack/render.ts';
import type { RenderedStack } from '../../agent/stack/rendered-stack.ts';
import type { StackService } from '../../schema/stack-profiles.ts';
import type { LiveSpec } from '../../schema/stack-spec.ts';
import { makeSpec } from '../agent/runtime/embedded/support.ts';
import { describeWithDocker, imagesOf, logsOf, requiredEngine, untilContainer } from '../docker/engine.ts';

const ref = Array.from(randomBytes(20), (byte) => String.fromCharCode(97 + (byte % 26))).join('');
const firstPort = 20_000;
const hello = `Deno.serve(async (request: Request) => Response.json({
  path: new URL(request.url).pathname,
  body: await request.text(),
  names: Object.keys(Deno.env.toObject()),
}));
`;

describeWithDocker('the images, as a rendered stack runs them', () => {
  const engine = requiredEngine();
  let directory: string;
  let spec: LiveSpec;
  let stack: RenderedStack;

  const compose = (...args: string[]) => engine.run(['compose', '--project-directory', directory, ...args], 170_000);
  const container = (service: StackService) => `supafleet-${ref}-${service}-1`;
  const urlOf = (service: StackService) => {
    const found = stack.services.find(({ name }) => name === service);
    return `http://${found?.address}:${found?.port}`;
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'supafleet-images-'));
    spec = await makeSpec(ref, firstPort, { profile: 'full' });
    stack = render(spec, {
      hostId: 'images-test',
      projectHost: 'example.test',
      edge: { kind: 'ports', address: '127.0.0.1' },
      addressPool: '10.219.64.0/20',
      firstPort,
      images: imagesOf(engine),
      hasStartInterval: false,
      dockerSocket: engine.socketPath,
    });
    const files = [...stack.files, { path: 'functions/hello/index.ts', content: hello, mode: 0o644 }];
    for (const { path, content, mode } of files) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content, { mode });
    }
    await compose('up', '--detach', '--wait');
  }, 180_000);

  afterAll(async () => {
    await compose('down', '--volumes', '--timeout', '5');
    await rm(directory, { recursive: true, force: true });
  });

  test('PostgREST knows an anonymous user by the key of the project, and nobody by that of another', async () => {
    const call = (token: string) => fetch(`${urlOf('rest')}/`, { headers: { authorization: `Bearer ${token}` } });
    expect((await call(spec.secrets.anonKey)).status).toBe(200);
    expect((await call(spec.secrets.anonKeyAsymmetric)).status).toBe(200);
    expect((await call((await makeSpec(ref, firstPort)).secrets.anonKey)).status).toBe(401);
  });

  test('a function of the user runs with the environment of its worker and no other', async () => {
    const answer = await fetch(`${urlOf('functions')}/hello/there`, { method: 'POST', body: 'hi' });
    const seen: { path: string; body: string; names: string[] } = await answer.json();
    expect(seen).toMatchObject({ path: '/hello/there', body: 'hi' });
    expect(seen.names).toContain('SUPABASE_URL');
    expect(seen.names).not.toContain('JWT_SECRET');
    expect((await fetch(`${urlOf('functions')}/nobody`)).status).toBe(404);
  });

  test('every double says on its answers that it is one, keeps what it was asked, and knows nothing more', async () => {
    for (const service of ['auth', 'storage', 'realtime', 'imgproxy', 'supavisor', 'analytics', 'vector'] as const) {
      const unknown = await fetch(`${urlOf(service)}/what-is-not-there?${service}`);
      expect([unknown.status, unknown.headers.get('x-supafleet-double')]).toEqual([501, service]);
      const asked = await (await fetch(`${urlOf(service)}/__double/requests`)).json();
      expect(asked).toContainEqual(expect.objectContaining({ method: 'GET', url: `/what-is-not-there?${service}` }));
    }
  });

  test('the double of auth publishes the public half of the signing key only', async () => {
    const { keys } = await (await fetch(`${urlOf('auth')}/.well-known/jwks.json`)).json();
    expect(keys).toEqual([expect.objectContaining({ kty: 'EC', x: spec.secrets.signingKey.x })]);
    expect(keys[0]).not.toHaveProperty('d');
  });

  test('the double of realtime takes websockets of its tenant only, and sends back what it is sent', async () => {
    const path = (apikey: string) => `${urlOf('realtime')}/socket/websocket?apikey=${apikey}`;
    const { anonKey } = spec.secrets;
    expect(await upgrade(path(anonKey), 'realtime-dev.supabase-realtime')).toBe('hello');
    expect(await upgrade(path(anonKey), 'elsewhere')).toBe(403);
    expect(await upgrade(path('wrong'), 'realtime-dev.supabase-realtime')).toBe(403);
  });

  test('a double whose database password is wrong ends, and says which variable it is', async () => {
    const file = join(directory, '.env');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/^DB_PASSWORD_IN_URL=.*$/m, 'DB_PASSWORD_IN_URL=wrong'));
    await compose('up', '--detach', '--no-deps', 'auth');
    await untilContainer(engine, container('auth'), 'restarting');
    const log = await logsOf(engine, container('auth'));
    expect(log).toMatch(/GOTRUE_DB_DATABASE_URL leads to no usable database: password authentication failed/);
    await writeFile(file, text);
  });
});

/** Asks for a websocket: the status of a refusal, or what came back for `hello`. */
function upgrade(url: string, host: string): Promise<number | string> {
  const headers = {
    ...{ host, connection: 'Upgrade', upgrade: 'websocket' },
    ...{ 'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64') },
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers });
    asked.once('error', reject);
    asked.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.once('upgrade', (_response, socket) => {
      // a masked text frame; a mask of zeros leaves the text as it is
      socket.write(Buffer.concat([Buffer.from([0x81, 0x85, 0, 0, 0, 0]), Buffer.from('hello')]));
      socket.once('data', (frame: Buffer) => {
        socket.destroy();
        resolve(frame.subarray(2).toString());
      });
    });
    asked.end();
  });
}
