import {
  createServer,
  type IncomingHttpHeaders,
  request as openRequest,
  type RequestListener,
  type Server,
} from 'node:http';
import type { EdgeProject, EdgeUpstream } from '../../../../agent/edge/caddy/edge-project.ts';
import { keys, listenOnFreePort } from '../gateway-fixture.ts';

export type Seen = { method: string; url: string; headers: IncomingHttpHeaders; rawHeaders: string[]; body: string };
export type Service = { host: string; port: number; server: Server; seen: Seen[]; close(): Promise<void> };

/** A service that answers by the listener given, else keeps what it was asked and says so. */
export async function startService(listener?: RequestListener): Promise<Service> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    if (listener !== undefined) return listener(request, response);
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = request;
      seen.push({ method, url, headers, rawHeaders, body });
      response.writeHead(200, {
        'content-type': 'application/json',
        'access-control-allow-origin': 'https://only.example',
      });
      response.end('{"ok":true}');
    });
  });
  return {
    host: '127.0.0.1',
    port: await listenOnFreePort(server),
    server,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A project whose services are all one, on the port given. */
export function edgeProject(
  ref: string,
  port: number,
  service: EdgeUpstream,
  change: Partial<EdgeProject> = {},
): EdgeProject {
  const upstream = { host: service.host, port: service.port };
  return {
    ref,
    state: 'serving',
    upstreams: {
      auth: upstream,
      rest: upstream,
      realtime: upstream,
      storage: upstream,
      functions: upstream,
      pg_meta: { ...upstream, headers: { 'x-connection-encrypted': 'sealed' } },
    },
    keys,
    port,
    internal: { address: '127.0.0.1', port: port + 1 },
    ...change,
  };
}

export type RawAnswer = { status: number; body: string; headers: IncomingHttpHeaders };

/** A request with target and headers as written: fetch would tidy them up first. */
export function send(
  port: number,
  {
    method = 'GET',
    target = '/',
    headers = [],
    body = '',
    host = '127.0.0.1',
  }: Partial<RawRequest> & { host?: string },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const named = headers.some(([name]) => name.toLowerCase() === 'host');
    const pairs = [...(named ? [] : [['host', 'edge.test']]), ...headers];
    if (body !== '') pairs.push(['content-length', String(Buffer.byteLength(body))]);
    const request = openRequest({ host, port, path: target, method, headers: pairs.flat(), agent: false });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }));
    });
    request.end(body);
  });
}

export type RawRequest = { method: string; target: string; headers: [name: string, value: string][]; body: string };
