import type { Duplex } from 'node:stream';
import { type FirstPacket, readFirstPacket } from './startup-packet.ts';

export type ReceivedPacket = Exclude<FirstPacket, { kind: 'incomplete' }>;

/**
 * Waits for the next first packet on a stream and leaves the stream paused; bytes behind the packet, or all of them
 * where it begins with TLS, are put back. Null when the stream ends before.
 */
export function nextPacket(stream: Duplex): Promise<{ packet: ReceivedPacket; bytesBehind: number } | null> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);

    function finish(result: { packet: ReceivedPacket; bytesBehind: number } | null): void {
      stream.removeListener('data', onData);
      stream.removeListener('close', onClose);
      stream.removeListener('end', onClose);
      stream.pause();
      resolve(result);
    }
    function onClose(): void {
      finish(null);
    }
    function onData(chunk: Buffer): void {
      received = Buffer.concat([received, chunk]);
      const packet = readFirstPacket(received);
      if (packet.kind === 'incomplete') return;
      const taken = 'length' in packet ? packet.length : 0;
      finish({ packet, bytesBehind: received.length - taken });
      if (received.length > taken) stream.unshift(received.subarray(taken));
    }

    if (stream.destroyed || stream.readableEnded) return resolve(null);
    stream.on('data', onData);
    stream.once('close', onClose);
    stream.once('end', onClose);
    stream.resume();
  });
}
