import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const protocolGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const closeOpcode = 8;

/** Takes a websocket and sends every frame back as it came, until the other side closes. */
export function echoWebsocket(request: IncomingMessage, socket: Duplex, headers: Record<string, string>): void {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${protocolGuid}`).digest('base64');
  const answer = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': accept, ...headers };
  const lines = Object.entries(answer).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (let frame = readFrame(pending); frame !== null; frame = readFrame(pending)) {
      pending = pending.subarray(frame.size);
      socket.write(Buffer.concat([frame.head, frame.payload]));
      if ((frame.head[0] ?? 0) % 16 === closeOpcode) socket.end();
    }
  });
  socket.on('error', () => socket.destroy());
}

/** The first whole frame, unmasked, with the head it goes back with; null while more has to come. */
function readFrame(bytes: Buffer): { head: Buffer; payload: Buffer; size: number } | null {
  if (bytes.length < 6) return null;
  const short = bytes.readUInt8(1) & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 6 + extra) return null;
  const length = extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const start = 6 + extra;
  if (bytes.length < start + length) return null;
  const mask = bytes.subarray(2 + extra, start);
  const payload = bytes.subarray(start, start + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  const head = Buffer.from(bytes.subarray(0, 2 + extra));
  head.writeUInt8(short, 1);
  return { head, payload: Buffer.from(payload), size: start + length };
}
