import { request as openRequest } from 'node:http';
import { RuntimeFailure } from '../../runtime-failure.ts';
import type { CaddyConfig } from './caddy-config.ts';
import { listenerOwner } from './listeners.ts';

export type EdgeAdmin = {
  /**
   * Puts a configuration in place, whole or not at all; one that is in place already costs nothing.
   * @throws RuntimeFailure when Caddy is not there, is late, or refuses it: then the one before stays in force
   */
  load(config: CaddyConfig, signal: AbortSignal): Promise<void>;
  /** What is in place now; null before anything was loaded. */
  read(signal: AbortSignal): Promise<unknown>;
};

/** An address that the edge could not listen on, and the project it belongs to; null when it serves all of them. */
export class ListenerRefused extends RuntimeFailure {
  override name = 'ListenerRefused';
  readonly address: string;
  readonly ref: string | null;

  constructor(address: string, ref: string | null, reason: string) {
    super(`The edge cannot listen on ${address}${ref === null ? '' : ` for project ${ref}`}: ${reason}.`);
    this.address = address;
    this.ref = ref;
  }
}

const defaultTimeoutMs = 30_000;
const maxAnswerBytes = 64 * 1024 * 1024;

/** Speaks to Caddy over its admin socket. */
export function createEdgeAdmin(options: { socketPath: string; timeoutMs?: number }): EdgeAdmin {
  const socket = { path: options.socketPath, timeoutMs: options.timeoutMs ?? defaultTimeoutMs };
  return {
    async load(config, signal) {
      const answer = await call(socket, 'POST', '/load', JSON.stringify(config), signal);
      if (answer.status !== 200) throw refusal(answer.body, config);
    },
    async read(signal) {
      const answer = await call(socket, 'GET', '/config/', '', signal);
      if (answer.status !== 200) throw new RuntimeFailure(`The edge answered ${answer.status} to its own agent.`);
      return JSON.parse(answer.body);
    },
  };
}

type AdminAnswer = { status: number; body: string };

function call(
  socket: { path: string; timeoutMs: number },
  method: string,
  path: string,
  body: string,
  signal: AbortSignal,
): Promise<AdminAnswer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(socket.timeoutMs)]);
  return new Promise((resolve, reject) => {
    function failed(cause: NodeJS.ErrnoException): void {
      if (signal.aborted) reject(signal.reason);
      else reject(new RuntimeFailure(whyUnreachable(cause, socket.timeoutMs), { cause }));
    }
    const outgoing = openRequest({
      socketPath: socket.path,
      method,
      path,
      signal: limit,
      agent: false,
      // A socket has no name to be called by.
      setHost: false,
      headers: { host: '', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    outgoing.on('error', failed);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let length = 0;
      incoming.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > maxAnswerBytes) incoming.destroy(new Error('answer too long'));
        else chunks.push(chunk);
      });
      incoming.on('error', failed);
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    outgoing.end(body);
  });
}

function whyUnreachable(cause: NodeJS.ErrnoException, timeoutMs: number): string {
  if (cause.name === 'TimeoutError' || cause.name === 'AbortError') {
    return `The edge did not answer within ${timeoutMs / 1000} s.`;
  }
  const reason = cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED' ? 'it does not run' : `${cause.code}`;
  return `The edge cannot be reached: ${reason}.`;
}

/** Caddy's own words: they name modules and addresses, and may quote what they could not read. */
function refusal(body: string, config: CaddyConfig): RuntimeFailure {
  const reason = reasonOf(body);
  const [, address, cause = ''] = /listening on (\S+): listen \S+ \S+: (?:bind: )?([^"]*)/.exec(reason) ?? [];
  if (address !== undefined) {
    const why = cause.includes('address already in use') ? 'it is in use by another process' : cause.slice(0, 200);
    return new ListenerRefused(address, listenerOwner(config, address), why);
  }
  return new RuntimeFailure(`The edge refused its configuration: ${withoutKeys(reason).slice(0, 500)}`);
}

/** Keys and JWTs are known by their beginnings. */
function withoutKeys(text: string): string {
  return text.replace(/\b(?:sb_|eyJ)[\w.-]*/g, '…');
}

function reasonOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'error' in parsed) return String(parsed.error);
  } catch {
    return 'it gave no reason that can be read';
  }
  return 'it gave no reason';
}
