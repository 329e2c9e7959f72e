/** What a server tells a client once, so that the client can cancel its queries on another connection. */
export type BackendKey = { processId: number; secret: Buffer };

/** `searching`: give it the next bytes. `over`: the session began or the stream is no Postgres; there is no key to come. */
export type KeySearch = { kind: 'searching' } | { kind: 'found'; key: BackendKey } | { kind: 'over' };

const headBytes = 5;
const maxKeyBytes = 4 + 256;

/**
 * Makes a reader that finds BackendKeyData in what a server sends while a session starts. It looks at message heads
 * only, keeps a key's few bytes at most, and changes nothing.
 */
export function createKeySearch(): (chunk: Buffer) => KeySearch {
  let head = Buffer.alloc(0);
  let body = Buffer.alloc(0);
  let bodyBytes = 0;
  let skip = 0;

  return function search(chunk) {
    let rest = chunk;
    while (rest.length > 0) {
      if (skip > 0) {
        const skipped = Math.min(skip, rest.length);
        skip -= skipped;
        rest = rest.subarray(skipped);
        continue;
      }
      if (head.length < headBytes) {
        const taken = rest.subarray(0, headBytes - head.length);
        head = Buffer.concat([head, taken]);
        rest = rest.subarray(taken.length);
        if (head.length < headBytes) break;
        bodyBytes = head.readUInt32BE(1) - 4;
        if (bodyBytes < 0) return { kind: 'over' };
      }
      const type = String.fromCharCode(head[0] ?? 0);
      // ReadyForQuery begins the session, ErrorResponse ends it.
      if (type === 'Z' || type === 'E') return { kind: 'over' };
      if (type !== 'K') {
        head = Buffer.alloc(0);
        skip = bodyBytes;
        continue;
      }
      if (bodyBytes < 8 || bodyBytes > maxKeyBytes) return { kind: 'over' };
      const taken = rest.subarray(0, bodyBytes - body.length);
      body = Buffer.concat([body, taken]);
      rest = rest.subarray(taken.length);
      if (body.length === bodyBytes) {
        return { kind: 'found', key: { processId: body.readUInt32BE(0), secret: Buffer.from(body.subarray(4)) } };
      }
    }
    return { kind: 'searching' };
  };
}
