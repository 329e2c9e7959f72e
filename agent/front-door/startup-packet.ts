/** The largest first packet that is read, as in Postgres itself. */
export const maxStartupBytes = 10_000;

const sslRequestCode = 80_877_103;
const gssRequestCode = 80_877_104;
const cancelRequestCode = 80_877_102;
const tlsHandshakeByte = 0x16;

/** Names and values in the order sent, as Latin-1: any bytes survive the way through. */
export type StartupParameters = [name: string, value: string][];

/** What a client's first bytes are. `length` counts the bytes that belong to it. */
export type FirstPacket =
  | { kind: 'incomplete' }
  /** a TLS ClientHello without an SSLRequest before it */
  | { kind: 'tls' }
  | { kind: 'ssl'; length: number }
  | { kind: 'gss'; length: number }
  | { kind: 'cancel'; length: number; processId: number; secret: Buffer }
  | { kind: 'startup'; length: number; version: number; parameters: StartupParameters }
  /** not a Postgres client, or too large: nothing is answered */
  | { kind: 'foreign' }
  /** a Postgres client that got it wrong: it is told so */
  | { kind: 'malformed'; message: string; code: string };

/** Reads the first packet of a connection from what has arrived so far. Total: every input gives an answer. */
export function readFirstPacket(bytes: Buffer): FirstPacket {
  if (bytes[0] === tlsHandshakeByte) return { kind: 'tls' };
  if (bytes.length < 4) return { kind: 'incomplete' };
  const length = bytes.readUInt32BE(0);
  if (length < 8 || length > maxStartupBytes) return { kind: 'foreign' };
  if (bytes.length < length) return { kind: 'incomplete' };

  const code = bytes.readUInt32BE(4);
  if (code === sslRequestCode) return length === 8 ? { kind: 'ssl', length } : { kind: 'foreign' };
  if (code === gssRequestCode) return length === 8 ? { kind: 'gss', length } : { kind: 'foreign' };
  if (code === cancelRequestCode) return readCancel(bytes.subarray(0, length));
  if (code >>> 16 !== 3) {
    const message = `unsupported frontend protocol ${code >>> 16}.${code & 0xffff}: server supports 3.x`;
    return { kind: 'malformed', message, code: '0A000' };
  }
  const parameters = readParameters(bytes.subarray(8, length));
  return parameters === null
    ? { kind: 'malformed', message: 'invalid startup packet layout: expected terminator as last byte', code: '08P01' }
    : { kind: 'startup', length, version: code, parameters };
}

/** The packet that `readFirstPacket` reads back as the same version and parameters. */
export function startupPacket(version: number, parameters: StartupParameters): Buffer {
  const text = parameters.map(([name, value]) => `${name}\0${value}\0`).join('');
  const body = Buffer.from(`${text}\0`, 'latin1');
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.writeUInt32BE(version, 4);
  return Buffer.concat([head, body]);
}

/** The packet that asks a server to cancel what the process with this secret is doing. */
export function cancelPacket(processId: number, secret: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32BE(12 + secret.length, 0);
  head.writeUInt32BE(cancelRequestCode, 4);
  head.writeUInt32BE(processId, 8);
  return Buffer.concat([head, secret]);
}

/** Secrets had 4 bytes up to protocol 3.0 and have up to 256 since 3.2. */
function readCancel(packet: Buffer): FirstPacket {
  if (packet.length < 16 || packet.length > 12 + 256) return { kind: 'foreign' };
  const secret = Buffer.from(packet.subarray(12));
  return { kind: 'cancel', length: packet.length, processId: packet.readUInt32BE(8), secret };
}

function readParameters(body: Buffer): StartupParameters | null {
  const text = body.toString('latin1');
  if (text === '\0') return [];
  if (!text.endsWith('\0\0')) return null;
  const pieces = text.slice(0, -2).split('\0');
  if (pieces.length % 2 !== 0) return null;
  const parameters: StartupParameters = [];
  for (let index = 0; index < pieces.length; index += 2) {
    const name = pieces[index];
    const value = pieces[index + 1];
    // An empty name is the terminator; nothing may follow it.
    if (name === undefined || value === undefined || name === '') return null;
    parameters.push([name, value]);
  }
  return parameters;
}
