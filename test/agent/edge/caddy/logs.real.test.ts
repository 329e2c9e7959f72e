import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portBlock } from '../../../support/port-block.ts';
import { freePort } from '../../../support/sqld.ts';
import { until } from '../../../support/until.ts';
import { keys, publishableKey, secretKey } from '../gateway-fixture.ts';
import { caddyPath, type RunningCaddy, startCaddy } from './caddy.ts';
import { edgeProject, type Service, send, startService } from './edge-fixture.ts';
import { openWebsocket } from './websocket.ts';

let caddy: RunningCaddy;
let service: Service;
let port: number;

beforeAll(async () => {
  if (caddyPath === null) return;
  service = await startService((request, response) => {
    request.resume();
    response.writeHead(302, { location: 'https://app.example/#access_token=leak-9', 'set-cookie': 'sb=leak-10' });
    response.end();
  });
  port = await portBlock();
  caddy = await startCaddy({ kind: 'ports', address: '127.0.0.1' });
  const upstream = { host: service.host, port: service.port };
  const down = { host: '127.0.0.1', port: await freePort() };
  const pg_meta = { ...upstream, headers: { 'x-connection-encrypted': 'leak-11' } };
  const upstreams = { auth: upstream, rest: down, storage: upstream, functions: upstream, pg_meta };
  await caddy.serve([edgeProject('oneoneoneoneoneoneon', port, upstream, { upstreams })]);
});
afterAll(async () => {
  await caddy?.stop();
  await service?.close();
});

const members = [
  'apikey',
  '%61pikey',
  'token',
  'access_token',
  'refresh_token',
  'code',
  'token_hash',
  'signature',
  'x',
];
const headers = ['apikey', 'authorization', 'cookie', 'x-connection-encrypted', 'x-api-key', 'sb-api-key', 'x-other'];
const paths = [
  '/rest/v1/a',
  '/auth/v1/verify',
  '/storage/v1/object/sign/a',
  '/functions/v1/a',
  '/pg/query',
  '/nowhere',
  '//x:y/a',
];
const secrets = [
  publishableKey,
  secretKey,
  keys.anonKey,
  keys.serviceRoleKey,
  keys.anonKeyAsymmetric,
  'leak-1',
  'sb_secret_wrong',
];

describe.skipIf(caddyPath === null)('what the edge writes about requests', () => {
  it('says who asked for which path with what result, and never a key, a token or a query', async () => {
    let sent = 0;
    for (const path of paths) {
      for (const [index, secret] of secrets.entries()) {
        const member = members[(sent + index) % members.length];
        await send(port, { target: `${path}?a=1;b&${member}=${secret}`, headers: [['apikey', secret]] });
        for (const name of headers) {
          await send(port, { target: `${path}?${member}=${secret}&%zz=1`, headers: [[name, `Bearer ${secret}`]] });
          sent += 1;
        }
        sent += 1;
      }
    }
    const { socket } = await openWebsocket(port, `/functions/v1/a?apikey=${secretKey}`);
    socket.destroy();
    await send(port, { target: `http://user:leak-2@x/rest/v1/a?apikey=${secretKey}#leak-3` });
    expect(sent).toBeGreaterThan(300);

    const lines = async () => (await caddy.logs()).split('\n').filter((line) => line.includes('http.log.access'));
    await until(async () => (await lines()).length >= sent, { what: 'the lines of all requests' });
    const written = await caddy.logs();
    expect(written).toContain('"uri":"/rest/v1/a"');
    expect(written).toContain('"status":503');
    for (const secret of [...secrets, keys.serviceRoleKeyAsymmetric, 'leak-', 'sb_', 'eyJ']) {
      expect(written.includes(secret), secret).toBe(false);
    }
  });

  it('its socket is its owner’s only, and so is what it keeps of the configuration', async () => {
    expect(statSync(caddy.options.adminSocket).mode & 0o777).toBe(0o600);
    expect(statSync(`${caddy.directory}/config/caddy/autosave.json`).mode & 0o077).toBe(0);
  });
});
