import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GatewayRoute } from '../../../../schema/gateway-routes.ts';
import { type Answer, sendAnswer } from '../../../edge/answer.ts';
import type { Forward } from '../../../edge/decide-request.ts';
import { forwardHttp, type UpstreamFault } from '../../../edge/forward-http.ts';
import { forwardWebsocket } from '../../../edge/forward-websocket.ts';
import { endToEndHeaders } from '../../../edge/proxy-headers.ts';
import { responseTo } from '../../../edge/upgrade-response.ts';
import { RuntimeFailure } from '../../../runtime-failure.ts';
import type { SharedLog } from './shared-log.ts';
import { type Claim, createWorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

/** The edge functions of one project: the door they are called at, and their processes behind it. */
export type Functions = {
  /** Opens the port they are called on; later calls answer the same place. */
  start(): Promise<{ host: string; port: number }>;
  /** the last reason why a function did not start; null while the last one did */
  error(): string | null;
  stop(): Promise<void>;
};

type FunctionsOptions = WorkerPoolOptions & { port: number; log: SharedLog };

/** Nothing listens and nothing runs until `start`; after `stop` nothing does any more. */
export function createFunctions(options: FunctionsOptions): Functions {
  const pool = createWorkerPool(options);
  const agent = new Agent();
  let stopped = false;
  let opening: Promise<Server> | null = null;

  /** The process that takes this call; null when the caller was answered instead. */
  async function admit(request: IncomingMessage, response: ServerResponse) {
    const claim = await pool.claim(slugOf(request)).catch((error: unknown) => {
      options.onTrouble(error);
      return null;
    });
    if (claim?.kind === 'claimed') return claim;
    sendAnswer(request, response, refusal(claim));
    return null;
  }

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const claimed = await admit(request, response);
    if (claimed === null) return;
    if (response.closed) return claimed.release();
    response.once('close', claimed.release);
    const upstream = { host: '127.0.0.1', port: claimed.port };
    forwardHttp({ request, response, forward: forwardOf(request), upstream, agent, onFault: workerFault });
  }

  async function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const response = responseTo(request, socket);
    const claimed = await admit(request, response);
    if (claimed === null) return;
    if (socket.closed) return claimed.release();
    socket.once('close', claimed.release);
    const upstream = { host: '127.0.0.1', port: claimed.port };
    forwardWebsocket({
      request,
      response,
      socket,
      head,
      forward: forwardOf(request),
      upstream,
      onFault: workerFault,
    });
  }

  /** A call that cannot be handled must not end the process that serves them all. */
  function contain(handled: Promise<void>, request: IncomingMessage): void {
    handled.catch((error: unknown) => {
      options.onTrouble(error);
      request.socket.destroy();
    });
  }

  function open(): Promise<Server> {
    const server = createServer((request, response) => contain(onRequest(request, response), request));
    server.on('upgrade', (request, socket, head) => contain(onUpgrade(request, socket, head), request));
    return new Promise((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) => {
        const taken = `Port ${options.port} of this project's block is in use by another process`;
        reject(
          new RuntimeFailure(cause.code === 'EADDRINUSE' ? taken : `Functions cannot listen: ${cause.code}`, { cause }),
        );
      });
      server.listen(options.port, '127.0.0.1', () => resolve(server));
    });
  }

  return {
    async start() {
      if (stopped) throw new RuntimeFailure('This project is being stopped');
      opening ??= open();
      try {
        await opening;
      } catch (error) {
        opening = null;
        throw error;
      }
      return { host: '127.0.0.1', port: options.port };
    },
    error: pool.error,
    async stop() {
      stopped = true;
      const server = await opening?.catch(() => null); // whoever asked for it was told
      server?.close();
      server?.closeAllConnections();
      await pool.stop();
      agent.destroy();
      options.log.close();
    },
  };
}

/** The second hop of a call: the gateway has decided about it, and does what browsers need. */
const hop: GatewayRoute = {
  name: 'function',
  path: '',
  match: 'prefix',
  service: 'functions',
  rewrite: '',
  key: 'none',
  swap: 'keep',
  websocket: true,
  cors: false,
  timeoutMs: 400_000,
  headers: {},
};

function forwardOf(request: IncomingMessage): Forward {
  const target = request.url ?? '/';
  return {
    kind: 'forward',
    route: hop,
    method: request.method ?? 'GET',
    target,
    publicPath: target.split('?')[0] ?? '/',
    headers: endToEndHeaders(request.headers),
  };
}

/** What a caller hears when no process takes the call; null: it did not start. */
function refusal(claim: Exclude<Claim, { kind: 'claimed' }> | null): Answer {
  if (claim === null) return answer(503, 'BOOT_ERROR', 'Function failed to start (please check logs)');
  if (claim.kind === 'unknown') return answer(404, 'NOT_FOUND', 'Requested function was not found');
  const busy = 'As many functions as this host allows are at work right now; try again in a moment';
  return { ...answer(503, 'WORKER_LIMIT', busy), headers: { 'retry-after': '1' } };
}

function workerFault({ code }: UpstreamFault): Answer {
  if (code === 'TIMEOUT') return answer(504, 'WORKER_TIMEOUT', 'Function did not answer in time');
  return answer(502, 'WORKER_ERROR', 'Function exited due to an error (please check logs)');
}

function slugOf(request: IncomingMessage): string {
  return new URL(request.url ?? '/', 'http://functions').pathname.split('/')[1] ?? '';
}

function answer(status: number, code: string, message: string): Answer {
  return { status, body: { code, message }, headers: {} };
}
