import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'http-proxy-3';
import { RuntimeFailure } from '../../../runtime-failure.ts';
import { findFunction } from './find-function.ts';
import { type FunctionWorker, startWorker, type WorkerOptions } from './worker.ts';

/** The edge functions of one project: a process per function, started by its first call, ended when idle. */
export type Functions = {
  /** Opens the port they are called on; later calls answer the same place. */
  start(): Promise<{ host: string; port: number }>;
  /** the last reason why a function did not start; null while the last one did */
  error(): string | null;
  stop(): Promise<void>;
};

type FunctionsOptions = Omit<WorkerOptions, 'slug' | 'entry' | 'functionDirectory' | 'signal'> & {
  /** `<directory>/<slug>/index.ts` */
  directory: string;
  port: number;
  idleMs: number;
};

type Slot = { starting: Promise<FunctionWorker>; modifiedMs: number; inFlight: number; idle: NodeJS.Timeout | null };

export function createFunctions(options: FunctionsOptions): Functions {
  /** the worker that takes the next call of a function */
  const slots = new Map<string, Slot>();
  /** those as well that run old code to the end of their last call */
  const living = new Set<Slot>();
  const stopping = new AbortController();
  const proxy = createProxyServer({ xfwd: false, proxyTimeout: 400_000 });
  let opening: Promise<Server> | null = null;
  let lastError: string | null = null;

  /** A worker for this function, of the code as it is now; null when there is no such function. */
  async function claim(slug: string): Promise<{ slot: Slot; worker: FunctionWorker } | null> {
    const found = await findFunction(options.directory, slug);
    if (found === null || stopping.signal.aborted) return null;
    let slot = slots.get(slug);
    if (slot !== undefined && slot.modifiedMs !== found.modifiedMs) {
      retire(slug, slot);
      slot = undefined;
    }
    if (slot === undefined) {
      const starting = startWorker({
        ...options,
        slug,
        entry: found.entry,
        functionDirectory: found.directory,
        signal: stopping.signal,
      });
      slot = { starting, modifiedMs: found.modifiedMs, inFlight: 0, idle: null };
      slots.set(slug, slot);
      forgetWhenEnded(slug, slot);
    }
    slot.inFlight += 1;
    if (slot.idle !== null) clearTimeout(slot.idle);
    try {
      const worker = await slot.starting;
      lastError = null;
      return { slot, worker };
    } catch (error) {
      slot.inFlight -= 1;
      lastError = error instanceof RuntimeFailure ? error.message : `The function ${slug} did not start`;
      throw error;
    }
  }

  /** A worker that crashed, or never started, does not stand in the way of the next call. */
  function forgetWhenEnded(slug: string, slot: Slot): void {
    living.add(slot);
    const forget = () => {
      living.delete(slot);
      if (slots.get(slug) === slot) slots.delete(slug);
    };
    slot.starting.then((worker) => worker.child.exited).then(forget, forget);
  }

  function release(slug: string, slot: Slot): void {
    slot.inFlight -= 1;
    if (slot.inFlight > 0) return;
    if (slots.get(slug) !== slot) {
      end(slot);
      return;
    }
    slot.idle = setTimeout(() => retire(slug, slot), options.idleMs);
    slot.idle.unref();
  }

  function retire(slug: string, slot: Slot): void {
    if (slots.get(slug) === slot) slots.delete(slug);
    if (slot.inFlight === 0) end(slot);
  }

  function end(slot: Slot): void {
    slot.starting.then((worker) => worker.stop()).catch((error: unknown) => options.onTrouble(error));
  }

  async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const slug = slugOf(request);
    try {
      const claimed = await claim(slug);
      if (claimed === null) return answer(response, 404, notFound);
      response.once('close', () => release(slug, claimed.slot));
      await proxy.web(request, response, { target: `http://127.0.0.1:${claimed.worker.port}` }, () => {
        if (!response.headersSent) answer(response, 502, workerFailed);
        else response.destroy();
      });
    } catch (error) {
      options.onTrouble(error);
      if (!response.headersSent) answer(response, 503, bootFailed);
    }
  }

  async function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const slug = slugOf(request);
    try {
      const claimed = await claim(slug);
      if (claimed === null) return void socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      socket.once('close', () => release(slug, claimed.slot));
      await proxy.ws(request, socket, head, { target: `ws://127.0.0.1:${claimed.worker.port}` }, () =>
        socket.destroy(),
      );
    } catch (error) {
      options.onTrouble(error);
      socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
    }
  }

  function open(): Promise<Server> {
    const server = createServer(onRequest);
    server.on('upgrade', onUpgrade);
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
      if (stopping.signal.aborted) throw new RuntimeFailure('This project is being stopped');
      opening ??= open();
      try {
        await opening;
      } catch (error) {
        opening = null;
        throw error;
      }
      return { host: '127.0.0.1', port: options.port };
    },
    error: () => lastError,
    async stop() {
      stopping.abort(new RuntimeFailure('This project is being stopped'));
      const server = await opening?.catch(() => null); // whoever asked for it was told
      server?.close();
      server?.closeAllConnections();
      slots.clear();
      const ends = [...living].map((slot) => {
        if (slot.idle !== null) clearTimeout(slot.idle);
        return slot.starting.then(
          (worker) => worker.stop(),
          () => undefined, // it never ran
        );
      });
      await Promise.all(ends);
    },
  };
}

const notFound = { code: 'NOT_FOUND', message: 'Requested function was not found' };
const bootFailed = { code: 'BOOT_ERROR', message: 'Function failed to start (please check logs)' };
const workerFailed = { code: 'WORKER_ERROR', message: 'Function exited due to an error (please check logs)' };

function slugOf(request: IncomingMessage): string {
  return new URL(request.url ?? '/', 'http://functions').pathname.split('/')[1] ?? '';
}

function answer(response: ServerResponse, status: number, body: Record<string, string>): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
