import { get } from 'node:http';
import { connect } from 'node:net';

/** Where a service listens, and the path it answers once it can work; null: it is ready when it takes connections. */
export type ReadyPlace = { address: string; port: number; path: string | null };

const timeoutMs = 2_000;

/** Asks a service by the project's network whether it can work. Resolves with the answer, and never rejects. */
export function isReady({ address, port, path }: ReadyPlace, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  return path === null ? takesConnections(address, port, limit) : answers(address, port, path, limit);
}

function answers(host: string, port: number, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host, port, path, signal, agent: false }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 300);
    });
    request.once('error', () => resolve(false));
  });
}

function takesConnections(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}
