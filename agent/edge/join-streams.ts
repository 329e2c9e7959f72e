import type { Duplex } from 'node:stream';

/** How long the surviving side may take to drain what was already on its way. */
const drainMs = 5_000;

/**
 * Passes bytes both ways with backpressure until either side ends or fails, and then ends the other: what it was sent
 * is flushed first, and a peer that does not take it is cut off. Resolves when both are closed.
 */
export async function joinStreams(one: Duplex, other: Duplex): Promise<void> {
  one.pipe(other);
  other.pipe(one);
  await Promise.all([endPeerOnClose(one, other), endPeerOnClose(other, one)]);
}

function endPeerOnClose(stream: Duplex, peer: Duplex): Promise<void> {
  // A reset by a peer is an ordinary end of a connection; the close that follows does the work.
  stream.on('error', () => stream.destroy());
  return new Promise((resolve) => {
    function closed(): void {
      resolve();
      if (peer.closed) return;
      // What comes from the peer has nowhere to go any more, so only what goes to it is waited for.
      peer.end(() => peer.destroy());
      const timer = setTimeout(() => peer.destroy(), drainMs);
      peer.once('close', () => clearTimeout(timer));
    }
    if (stream.closed) closed();
    else stream.once('close', closed);
  });
}
