import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Log } from '../deps.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import { createCancelRegistry } from './cancel-registry.ts';
import { type FrontDoorTarget, serveClient } from './serve-client.ts';

export type FrontDoorOptions = {
  host: string;
  /** the port to listen on when it is free, else the next free one above it */
  firstPort: number;
  /** servers are named `db.<ref>.<projectHost>` */
  projectHost: string;
  /** PEM */
  certificate: { key: string; cert: string };
  resolve(ref: string): Promise<FrontDoorTarget>;
  /** sessions at one time; 500 unless given */
  maxConnections?: number;
  /** from the first byte until the server is reached; 10 s unless given */
  startupTimeoutMs?: number;
};

export type FrontDoor = { host: string; port: number; close(): Promise<void> };

/** How many ports above the first are tried. */
const portsTried = 20;
/** Connections beyond the sessions, so that a full house can still say so and cancel requests get in. */
const spareConnections = 64;

/**
 * Opens the one Postgres listener of a host: it finds the project a client means and passes bytes to its database.
 * @throws RuntimeFailure when no port is free
 */
export async function openFrontDoor(options: FrontDoorOptions, deps: { log: Log }): Promise<FrontDoor> {
  const maxConnections = options.maxConnections ?? 500;
  const cancels = createCancelRegistry();
  const secureContext = createSecureContext({ ...options.certificate, minVersion: 'TLSv1.2' });
  const clients = new Set<Socket>();
  let sessions = 0;

  function takePlace(): (() => void) | null {
    if (sessions >= maxConnections) return null;
    sessions += 1;
    return () => {
      sessions -= 1;
    };
  }

  const server = createServer((socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    const context = {
      projectHost: options.projectHost,
      secureContext,
      cancels,
      log: deps.log,
      startupTimeoutMs: options.startupTimeoutMs ?? 10_000,
      resolve: options.resolve,
      takePlace,
    };
    serveClient(socket, context).catch((error: unknown) => {
      deps.log.error('front door connection failed', { error: String(error) });
      socket.destroy();
    });
  });
  server.maxConnections = maxConnections + spareConnections;
  const port = await listenOnNextFree(server, options);
  server.on('error', (error) => deps.log.error('front door listener failed', { error: String(error) }));

  return {
    host: options.host,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of clients) socket.destroy();
      await closed;
    },
  };
}

async function listenOnNextFree(server: Server, { host, firstPort }: FrontDoorOptions): Promise<number> {
  for (let port = firstPort; port < firstPort + portsTried; port++) {
    const problem = await listen(server, host, port);
    if (problem === null) return port;
    if (problem !== 'EADDRINUSE')
      throw new RuntimeFailure(`Postgres front door: cannot open port ${port} (${problem}).`);
  }
  throw new RuntimeFailure(`Postgres front door: ports ${firstPort} to ${firstPort + portsTried - 1} are all in use.`);
}

/** Null when the server listens, else the code of what stands against it. */
function listen(server: Server, host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    function failed(error: NodeJS.ErrnoException): void {
      server.removeListener('listening', opened);
      resolve(error.code ?? error.name);
    }
    function opened(): void {
      server.removeListener('error', failed);
      resolve(null);
    }
    server.once('error', failed);
    server.once('listening', opened);
    server.listen(port, host);
  });
}
