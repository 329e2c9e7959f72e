import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:http2';
import { request as openRequest } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { renderEdge } from '../../../../agent/edge/caddy/render-edge.ts';
import { selfSignedCertificate } from '../../../../agent/front-door/self-signed-certificate.ts';
import type { EdgeSettings } from '../../../../agent/settings.ts';
import { portBlock } from '../../../support/port-block.ts';
import { until } from '../../../support/until.ts';
import { publishableKey } from '../gateway-fixture.ts';
import { caddyPath, type RunningCaddy, startCaddy } from './caddy.ts';
import { edgeProject, type RawAnswer, send, startService } from './edge-fixture.ts';

const ref = 'oneoneoneoneoneoneon';
const host = `${ref}.projects.test`;
const key: [string, string] = ['apikey', publishableKey];

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(certificates: (EdgeSettings & { kind: 'names' })['certificates']) {
  const port = await portBlock();
  const edge = { kind: 'names' as const, port, httpPort: port + 1, certificates };
  const caddy = await startCaddy(edge);
  const service = await startService();
  open.push(
    () => service.close(),
    () => caddy.stop(),
  );
  const projects = [
    edgeProject(ref, port + 2, service, { internal: { address: '127.0.0.1', port: port + 3 } }),
    edgeProject('asleepasleepasleepas', port + 4, service, { state: 'paused' }),
  ];
  return { caddy, service, port, edge, projects };
}

/** A request over TLS by name, with the trust given. */
function sendTls(port: number, name: string, ca: string, headers: Record<string, string> = {}) {
  return new Promise<RawAnswer & { certificate: X509Certificate }>((resolve, reject) => {
    const request = openRequest({
      host: '127.0.0.1',
      port,
      path: '/rest/v1/a',
      servername: name,
      ca,
      agent: false,
      headers: { host: name, apikey: publishableKey, ...headers },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const certificate = new X509Certificate((response.socket as TLSSocket).getPeerCertificate().raw);
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body, headers: response.headers, certificate }),
      );
    });
    request.end();
  });
}

/** Waits until Caddy's own CA has issued the certificate, and tells whom to trust. */
async function localRoot(caddy: RunningCaddy, port: number): Promise<string> {
  const path = join(caddy.options.storage, 'pki/authorities/local/root.crt');
  let root = '';
  async function isReady(): Promise<boolean> {
    root = await readFile(path, 'utf8');
    return (await sendTls(port, host, root)).status === 200;
  }
  await until(() => isReady().catch(() => false), { what: 'the certificate' });
  return root;
}

describe.skipIf(caddyPath === null)('projects by name over TLS', () => {
  it('one wildcard certificate serves every project, and unknown names are told so', async () => {
    const { caddy, service, port, projects } = await start({ kind: 'internal' });
    await caddy.serve(projects);
    const ca = await localRoot(caddy, port);
    const answer = await sendTls(port, host, ca);
    expect(answer.status).toBe(200);
    expect(answer.certificate.subjectAltName).toBe('DNS:*.projects.test');
    expect(service.seen[0]?.headers).toMatchObject({
      host,
      'x-forwarded-host': host,
      'x-forwarded-proto': 'https',
      'x-forwarded-port': String(port),
    });
    expect((await sendTls(port, host.toUpperCase(), ca)).status).toBe(200);
    expect((await sendTls(port, 'nobody.projects.test', ca)).status).toBe(404);
    expect((await sendTls(port, 'asleepasleepasleepas.projects.test', ca)).status).toBe(540);
  });

  it('a name that was not asked for in the handshake is refused', async () => {
    const { caddy, port, projects } = await start({ kind: 'internal' });
    await caddy.serve(projects);
    const ca = await localRoot(caddy, port);
    expect((await sendTls(port, 'nobody.projects.test', ca, { host })).status).toBe(421);
  });

  it('plain HTTP is sent to HTTPS for known names only, and containers still reach their project', async () => {
    const { caddy, port, projects } = await start({ kind: 'internal' });
    await caddy.serve(projects);
    const redirect = await send(port + 1, { target: '/rest/v1/a?b=1', headers: [['host', `${host}:${port + 1}`]] });
    expect([redirect.status, redirect.headers.location]).toEqual([308, `https://${host}:${port}/rest/v1/a?b=1`]);
    expect((await send(port + 1, { headers: [['host', 'evil.example']] })).status).toBe(404);
    expect((await send(port + 3, { target: '/rest/v1/a', headers: [key] })).status).toBe(200);
  });

  it('HTTP/2 callers are served as any other', async () => {
    const { caddy, service, port, projects } = await start({ kind: 'internal' });
    await caddy.serve(projects);
    const session = connect(`https://127.0.0.1:${port}`, { ca: await localRoot(caddy, port), servername: host });
    service.seen.length = 0;
    const stream = session.request({
      ':method': 'POST',
      ':path': '/rest/v1/a?b=1',
      ':authority': host,
      apikey: publishableKey,
    });
    stream.end('{"a":1}');
    const [head] = await once(stream, 'response');
    stream.resume();
    await once(stream, 'close');
    session.close();
    expect(head[':status']).toBe(200);
    expect(service.seen).toMatchObject([{ method: 'POST', url: '/a?b=1', body: '{"a":1}', headers: { host } }]);
  });

  it('Caddy understands what is written for certificates by ACME', async () => {
    const { caddy, projects, edge } = await start({ kind: 'internal' });
    const acme = { kind: 'acme' as const, email: 'ops@example.com', directory: 'https://acme.example/dir' };
    for (const httpPort of [edge.httpPort, null]) {
      const config = renderEdge(projects, { ...caddy.options, edge: { ...edge, httpPort, certificates: acme } });
      const file = join(caddy.directory, 'acme.json');
      await writeFile(file, JSON.stringify(config));
      const { stderr } = await promisify(execFile)(caddyPath ?? '', ['validate', '--config', file], {
        env: { HOME: caddy.directory },
      });
      expect(stderr).not.toContain('"level":"error"');
    }
  });

  it('the operator’s own wildcard certificate is used, and a renewed one from the next load on', async () => {
    const certificates = { kind: 'files' as const, certificate: '/host/cert.pem', key: '/host/key.pem' };
    const { caddy, port, projects } = await start(certificates);
    const files = { certificate: join(caddy.directory, 'cert.pem'), key: join(caddy.directory, 'key.pem') };
    for (const version of ['first', 'renewed']) {
      const made = selfSignedCertificate(['*.projects.test'], {
        from: Date.now() - 1_000,
        to: Date.now() + 86_400_000,
      });
      await writeFile(files.certificate, made.cert);
      await writeFile(files.key, made.key);
      await caddy.serve(projects, { certificateFiles: { ...files, version } });
      const { status, certificate } = await sendTls(port, host, made.cert);
      expect({ status, fingerprint: certificate.fingerprint256 }).toEqual({
        status: 200,
        fingerprint: new X509Certificate(made.cert).fingerprint256,
      });
    }
  });
});

describe.skipIf(caddyPath === null)('projects by name behind something that ends TLS', () => {
  it('plain HTTP by name; the next hop’s word counts for who called, a stranger’s does not', async () => {
    const { caddy, service, port, projects } = await start(null);
    await caddy.serve(projects);
    const forwarded: [string, string][] = [
      ['x-forwarded-for', '203.0.113.7'],
      ['x-forwarded-proto', 'https'],
      ['x-forwarded-port', '443'],
    ];
    const headers: [string, string][] = [['host', host], key, ...forwarded];
    expect((await send(port, { target: '/rest/v1/a', headers })).status).toBe(200);
    expect((await send(port, { target: '/rest/v1/a', headers: [['host', host], key] })).status).toBe(200);
    expect((await send(port, { target: '/rest/v1/a', headers: [['host', `x.${host}`], key] })).status).toBe(404);
    expect((await send(port, { target: '/rest/v1/a', headers: [['host', ref], key] })).status).toBe(404);
    expect(service.seen.map((seen) => seen.headers)).toMatchObject([
      { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' },
      { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http', 'x-forwarded-port': String(port) },
    ]);
  });
});
