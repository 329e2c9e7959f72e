import type { IncomingHttpHeaders } from 'node:http';
import type { GatewayRoute } from '../../schema/gateway-routes.ts';

const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What only this gateway may say: postgres-meta's connection, and who the caller is. */
const ours = /^(pg|x-connection-encrypted|x-real-ip|forwarded|x-forwarded-.*)$/;

export type CallerFacts = { remoteAddress: string; port: number };

/**
 * The headers a service gets: the caller's without what ends at this hop or only we may say, then ours, then what the
 * key check decided.
 */
export function upstreamHeaders(
  received: IncomingHttpHeaders,
  route: GatewayRoute,
  key: { set: Record<string, string>; remove: readonly string[] },
  caller: CallerFacts,
): Record<string, string | string[]> {
  const dropped = new Set([...key.remove, 'host', 'expect']);
  const passed = Object.entries(endToEndHeaders(received)).filter(([name]) => !dropped.has(name) && !ours.test(name));
  return {
    ...Object.fromEntries(passed),
    'x-forwarded-for': caller.remoteAddress,
    'x-forwarded-host': received.host ?? '',
    'x-forwarded-proto': 'http',
    'x-forwarded-port': String(caller.port),
    'x-forwarded-prefix': route.path,
    ...route.headers,
    ...key.set,
  };
}

/** Headers without those that end at this hop. */
export function endToEndHeaders(received: IncomingHttpHeaders): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const dropped = new Set([...hopByHop, ...namedByConnection(received.connection)]);
  for (const [name, value] of Object.entries(received)) {
    if (value !== undefined && !dropped.has(name)) headers[name] = value;
  }
  return headers;
}

/** The pairs of a service's raw headers that go on to the caller; its CORS headers give way where the gateway's stand. */
export function downstreamHeaders(raw: readonly string[], route: GatewayRoute): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? '']);
  const connection = pairs.filter(([name]) => name.toLowerCase() === 'connection').map(([, value]) => value);
  const dropped = new Set([...hopByHop, ...namedByConnection(connection.join(','))]);
  // The code of a function may name the origins it wants; every other service leaves that to the gateway.
  const replacesCors = route.cors && route.service !== 'functions';
  return pairs.filter(([name]) => {
    const lower = name.toLowerCase();
    return !dropped.has(lower) && !(replacesCors && lower.startsWith('access-control-'));
  });
}

function namedByConnection(connection: string | undefined): string[] {
  return (connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}
