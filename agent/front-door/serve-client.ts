import { connect, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Log } from '../deps.ts';
import { joinStreams } from '../edge/join-streams.ts';
import { type BackendKey, createKeySearch } from './backend-key.ts';
import type { Address, CancelRegistry } from './cancel-registry.ts';
import { errorResponse } from './error-response.ts';
import { findProject } from './find-project.ts';
import { negotiate, type Opened } from './negotiate.ts';
import { cancelPacket, startupPacket } from './startup-packet.ts';

/** Where a project's Postgres listens; `stopped` for one of this host that does not run, null for any other ref. */
export type FrontDoorTarget = Address | 'stopped' | null;

export type ClientContext = {
  projectHost: string;
  secureContext: SecureContext;
  cancels: CancelRegistry;
  log: Log;
  startupTimeoutMs: number;
  resolve(ref: string): Promise<FrontDoorTarget>;
  /** Takes a place for a session, or says no; call the answer when the session ends. */
  takePlace(): (() => void) | null;
};

type Refusal = { message: string; code: string; ref?: string };

/** How long a refused client may take to read why. */
const refusalMs = 1_000;

/** Leads one accepted connection from its first byte to its end. Never rejects: what goes wrong ends the connection. */
export async function serveClient(socket: Socket, context: ClientContext): Promise<void> {
  socket.on('error', () => socket.destroy());
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  const deadline = setTimeout(() => socket.destroy(), context.startupTimeoutMs);
  try {
    const opened = await negotiate(socket, context.secureContext);
    if (opened === null) {
      socket.destroy();
    } else if (opened.kind === 'refused') {
      await refuse(opened.stream, opened);
    } else if (opened.kind === 'cancel') {
      await cancel(opened.key, context);
      socket.destroy();
    } else {
      await openSession(opened, context, () => clearTimeout(deadline));
    }
  } finally {
    clearTimeout(deadline);
  }
}

async function openSession(
  { stream, serverName, version, parameters }: Extract<Opened, { kind: 'startup' }>,
  context: ClientContext,
  onStarted: () => void,
): Promise<void> {
  const found = findProject(parameters, serverName, context.projectHost);
  if (found.kind === 'refused') return refuse(stream, found);
  const target = await resolveTarget(found.ref, context);
  if ('message' in target) return refuse(stream, target);
  const leave = context.takePlace();
  if (leave === null) return refuse(stream, { message: 'sorry, too many clients already', code: '53300' });

  try {
    const server = await connectTo(target, stream);
    if (server === null) {
      context.log.warn('database not reachable from the front door', { ref: found.ref, port: target.port });
      return await refuse(stream, unreachable(found.ref));
    }
    onStarted();
    server.write(startupPacket(version, found.parameters));
    const forget = rememberKey(server, target, context.cancels);
    await joinStreams(stream, server);
    forget();
  } finally {
    leave();
  }
}

async function resolveTarget(ref: string, context: ClientContext): Promise<Address | Refusal> {
  try {
    const target = await context.resolve(ref);
    if (target === null) return { message: `tenant or user not found: no project ${ref} here`, code: '28000', ref };
    if (target === 'stopped')
      return { message: `project ${ref} is not running: it is paused or starting`, code: '57P03', ref };
    return target;
  } catch (error) {
    context.log.warn('front door could not look up a project', { ref, error: String(error) });
    return unreachable(ref);
  }
}

function unreachable(ref: string): Refusal {
  return { message: `the database of project ${ref} is not accepting connections now`, code: '57P03', ref };
}

/** Null when the server does not take the connection, or the client left while it was being made. */
function connectTo(target: Address, client: Socket): Promise<Socket | null> {
  return new Promise((resolve) => {
    const server = connect({ ...target, noDelay: true, keepAlive: true });
    const abandon = () => server.destroy();
    client.once('close', abandon);
    server.once('close', () => resolve(null));
    server.on('error', () => server.destroy());
    server.once('connect', () => {
      client.removeListener('close', abandon);
      resolve(server);
    });
  });
}

/** Watches the start of a session for the key that cancels it; the answer forgets it. */
function rememberKey(server: Socket, target: Address, cancels: CancelRegistry): () => void {
  const search = createKeySearch();
  let forget = () => {};
  function watch(chunk: Buffer): void {
    const result = search(chunk);
    if (result.kind === 'searching') return;
    server.removeListener('data', watch);
    if (result.kind === 'found') forget = cancels.remember(result.key, target);
  }
  server.on('data', watch);
  return () => forget();
}

/** Hands a cancel request to the server whose session it names. As in Postgres, the client hears nothing of it. */
async function cancel(key: BackendKey, context: ClientContext): Promise<void> {
  const target = context.cancels.serverOf(key);
  if (target === null) return;
  const server = connect(target);
  await new Promise<void>((resolve) => {
    server.on('error', () => server.destroy());
    server.once('close', () => resolve());
    server.setTimeout(context.startupTimeoutMs, () => server.destroy());
    server.resume();
    server.end(cancelPacket(key.processId, key.secret));
  });
}

/** Tells the client why, in the protocol's own words, and ends the connection. */
async function refuse(stream: Socket, { message, code }: Refusal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (stream.closed) return resolve();
    const timer = setTimeout(() => stream.destroy(), refusalMs);
    stream.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    stream.resume();
    stream.end(errorResponse(message, code));
  });
}
