import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { StackSecrets } from '../../schema/stack-spec.ts';
import type { Clock, Log } from '../deps.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import { sendAnswer } from './answer.ts';
import { corsHeaders } from './cors.ts';
import { decideRequest, type Forward } from './decide-request.ts';
import { createUpstreamFinder, type Upstream } from './find-upstream.ts';
import { faultAnswer, forwardHttp, type UpstreamFault } from './forward-http.ts';
import { forwardWebsocket } from './forward-websocket.ts';
import { responseTo } from './upgrade-response.ts';

export type GatewayConfig = {
  ref: string;
  host: string;
  port: number;
  /** a service that is absent here does not run in this project */
  upstreams: Partial<Record<'rest' | 'pg_meta' | 'functions' | 'auth' | 'storage' | 'realtime', Upstream>>;
  keys: StackSecrets;
  /** goes to postgres-meta in its `pg` header, never accepted from a caller */
  metaConnectionString: string;
};

export type Gateway = {
  /** Takes over new upstreams and keys for requests to come; what is on its way ends under the old ones. */
  update(config: GatewayConfig): void;
  /** Ends listener, websockets and idle connections at once, and running requests after a moment. */
  close(): Promise<void>;
};

/** How long a running request may still take once the gateway closes. */
const closeGraceMs = 500;

/**
 * Opens the HTTP gateway of one project: Supabase's public paths on one port.
 * @throws RuntimeFailure when the port is taken, or when an update names another address
 */
export async function openGateway(config: GatewayConfig, deps: { log: Log; clock: Clock }): Promise<Gateway> {
  let current = config;
  const findUpstream = createUpstreamFinder(deps.clock);
  // Shorter than any service keeps an idle connection, so that a request seldom meets one that is just closing.
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 16, timeout: 4_000, scheduling: 'lifo' });
  const upgraded = new Set<Duplex>();
  const server = createServer({
    headersTimeout: 10_000,
    connectionsCheckingInterval: 2_000,
    requestTimeout: 3_600_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 32 * 1024,
    // `curl --http2` asks for h2c on plain HTTP; such a request is answered as the HTTP/1.1 it is.
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
  });
  server.maxConnections = 2_000;

  function reportFault(forward: Forward, startedAt: number): (fault: UpstreamFault) => void {
    return ({ code }) =>
      deps.log.warn('service did not answer', {
        ref: current.ref,
        service: forward.route.service,
        method: forward.method,
        path: forward.publicPath,
        code,
        durationMs: deps.clock.now() - startedAt,
      });
  }

  /** Answers what can be answered here; what goes on comes back with where it goes. */
  async function admit(request: IncomingMessage, response: ServerResponse) {
    const startedAt = deps.clock.now();
    const config = current;
    const decision = decideRequest(request, config, request.socket.remoteAddress ?? '');
    if (decision.kind === 'answer') {
      sendAnswer(request, response, decision.answer);
      return null;
    }
    const report = reportFault(decision, startedAt);
    const upstream = await findUpstream(config.upstreams[decision.route.service], decision.route);
    if (upstream.kind === 'answer') {
      if (upstream.cause !== undefined) report({ code: 'START_FAILED' });
      sendAnswer(request, response, upstream.answer);
      return null;
    }
    const onFault = (fault: UpstreamFault) => {
      report(fault);
      return faultAnswer(fault, decision);
    };
    return { forward: decision, upstream: upstream.address, onFault };
  }

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const admitted = await admit(request, response);
    if (admitted === null || response.destroyed) return;
    if (request.headers.expect !== undefined) response.writeContinue();
    forwardHttp({ request, response, agent, ...admitted });
  }

  async function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    const response = responseTo(request, socket);
    const admitted = await admit(request, response);
    if (admitted === null || socket.destroyed) return;
    if (!admitted.forward.route.websocket || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      const headers = corsHeaders(admitted.forward.route);
      sendAnswer(request, response, {
        status: 400,
        body: { message: 'This path does not speak that protocol.' },
        headers,
      });
      return;
    }
    forwardWebsocket({ request, response, socket, head, ...admitted });
  }

  /** One request that cannot be handled must not end the process that serves them all. */
  function contain(handled: Promise<void>, request: IncomingMessage): void {
    handled.catch((error: unknown) => {
      deps.log.error('request failed in the gateway', { ref: current.ref, error: String(error) });
      request.socket.destroy();
    });
  }

  server.on('request', (request, response) => contain(onRequest(request, response), request));
  server.on('checkContinue', (request, response) => contain(onRequest(request, response), request));
  server.on('upgrade', (request, socket, head) => contain(onUpgrade(request, socket, head), request));
  await listen(server, config);
  server.on('error', (error) => deps.log.error('gateway listener failed', { ref: current.ref, error: String(error) }));

  return {
    update(next) {
      if (next.host !== current.host || next.port !== current.port) {
        throw new RuntimeFailure('A gateway cannot move to another address: close it and open another one.');
      }
      current = next;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of upgraded) socket.destroy();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), closeGraceMs);
      await closed;
      clearTimeout(timer);
      agent.destroy();
    },
  };
}

function listen(server: Server, { host, port }: GatewayConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    function failed(error: NodeJS.ErrnoException): void {
      const reason = error.code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be opened (${error.code})`;
      reject(new RuntimeFailure(`Port ${port} of this project ${reason}.`, { cause: error }));
    }
    server.once('error', failed);
    server.listen(port, host, () => {
      server.removeListener('error', failed);
      resolve();
    });
  });
}
