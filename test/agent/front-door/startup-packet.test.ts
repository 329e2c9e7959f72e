import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeySearch } from '../../../agent/front-door/backend-key.ts';
import { createCancelRegistry } from '../../../agent/front-door/cancel-registry.ts';
import { findProject } from '../../../agent/front-door/find-project.ts';
import {
  cancelPacket,
  readFirstPacket,
  type StartupParameters,
  startupPacket,
} from '../../../agent/front-door/startup-packet.ts';

const version = 3 << 16;
const ref = 'abcdefghijklmnopqrst';
const other = 'zyxwvutsrqponmlkjihg';

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

describe('the first packet of a connection', () => {
  it.each([
    ['SSLRequest', words(8, 80_877_103), { kind: 'ssl', length: 8 }],
    ['GSSENCRequest', words(8, 80_877_104), { kind: 'gss', length: 8 }],
    ['CancelRequest', words(16, 80_877_102, 7, 9), { kind: 'cancel', length: 16, processId: 7, secret: words(9) }],
    ['a long cancel key', cancelPacket(7, words(1, 2, 3)), { kind: 'cancel', processId: 7, secret: words(1, 2, 3) }],
    ['TLS at once', Buffer.from([0x16, 3, 1]), { kind: 'tls' }],
    ['nothing yet', Buffer.alloc(0), { kind: 'incomplete' }],
    ['half a length', Buffer.from([0, 0, 0]), { kind: 'incomplete' }],
    ['a web browser', Buffer.from('GET / HTTP/1.1\r\n'), { kind: 'foreign' }],
    ['a length of nothing', words(0, 0), { kind: 'foreign' }],
    ['a packet over the limit', words(10_001, version), { kind: 'foreign' }],
    ['protocol 2', words(8, 2 << 16), { kind: 'malformed', code: '0A000' }],
    ['no terminator', Buffer.concat([words(12, version), Buffer.from('user')]), { kind: 'malformed', code: '08P01' }],
    [
      'a name without a value',
      Buffer.concat([words(14, version), Buffer.from('user\0\0')]),
      { kind: 'malformed', code: '08P01' },
    ],
    ['no parameters', startupPacket(version, []), { kind: 'startup', parameters: [] }],
  ])('%s', (_, bytes, expected) => expect(readFirstPacket(bytes)).toMatchObject(expected));

  it('any bytes, cut anywhere, give an answer and never an exception', () => {
    const code = fc.constantFrom(80_877_102, 80_877_103, 80_877_104, version, version + 2, 0);
    const packet = fc
      .tuple(fc.integer({ min: 0, max: 10_100 }), code, fc.uint8Array({ maxLength: 300 }))
      .map(([length, kind, body]) => Buffer.concat([words(length, kind), body]));
    fc.assert(
      fc.property(fc.oneof(packet, fc.uint8Array({ maxLength: 64 }).map(Buffer.from)), (bytes) => {
        expect(readFirstPacket(bytes).kind).toBeTypeOf('string');
      }),
      { numRuns: 5_000 },
    );
  });

  it('what is written is read back, byte for byte, also names and values that are no UTF-8', () => {
    const word = fc
      .uint8Array({ minLength: 1, maxLength: 40, min: 1 })
      .map((bytes) => Buffer.from(bytes).toString('latin1'));
    const value = fc.oneof(word, fc.constant(''));
    fc.assert(
      fc.property(fc.array(fc.tuple(word, value), { maxLength: 8 }), (parameters: StartupParameters) => {
        const bytes = startupPacket(version, parameters);
        expect(readFirstPacket(bytes)).toEqual({ kind: 'startup', length: bytes.length, version, parameters });
        for (let cut = 0; cut < bytes.length; cut++) {
          expect(readFirstPacket(bytes.subarray(0, cut)).kind).toBe('incomplete');
        }
      }),
    );
  });
});

describe('which project a client means', () => {
  it.each<[string, string | null, string, string | null, string]>([
    ['server name', `db.${ref}.db.localhost`, 'postgres', ref, 'postgres'],
    ['server name in capitals', `DB.${ref.toUpperCase()}.DB.localhost`, 'postgres', ref, 'postgres'],
    ['user suffix', null, `postgres.${ref}`, ref, 'postgres'],
    ['user suffix of a role with a dot', null, `a.b.${ref}`, ref, 'a.b'],
    ['both, the same', `db.${ref}.db.localhost`, `postgres.${ref}`, ref, 'postgres'],
    ['both, different', `db.${ref}.db.localhost`, `postgres.${other}`, null, ''],
    ['a foreign server name beside a suffix', 'localhost', `postgres.${ref}`, ref, 'postgres'],
    ['a server name of another domain', `db.${ref}.example.com`, 'postgres', null, ''],
    ['a name that only ends alike', `db.${ref}.evildb.localhost`, 'postgres', null, ''],
    ['a malformed ref', 'db.short.db.localhost', 'postgres', null, ''],
    ['neither', null, 'postgres', null, ''],
    ['no user', null, '', null, ''],
    ['a suffix without a role', null, `.${ref}`, null, ''],
    ["the host's own superuser by suffix", null, `supabase_admin.${ref}`, null, ''],
    ["the host's own superuser by server name", `db.${ref}.db.localhost`, 'supabase_admin', null, ''],
  ])('%s', (_, serverName, user, expected, role) => {
    const parameters: StartupParameters = [
      ['user', user],
      ['database', 'postgres'],
    ];
    const found = findProject(parameters, serverName, 'db.localhost');
    if (expected === null) {
      expect(found).toMatchObject({ kind: 'refused', code: '28000' });
    } else {
      const rewritten = [
        ['user', role],
        ['database', 'postgres'],
      ];
      expect(found).toEqual({ kind: 'found', ref: expected, parameters: rewritten });
    }
  });
});

describe('the key that cancels a session', () => {
  const message = (type: string, body: Buffer) => Buffer.concat([Buffer.from(type), words(4 + body.length), body]);
  const start = [message('R', words(0)), message('S', Buffer.from('TimeZone\0UTC\0')), message('K', words(42, 77))];

  it('is found however the stream is cut', () => {
    const stream = Buffer.concat([...start, message('Z', Buffer.from('I'))]);
    for (let size = 1; size <= stream.length; size++) {
      const search = createKeySearch();
      let result = search(Buffer.alloc(0));
      for (let at = 0; at < stream.length && result.kind === 'searching'; at += size) {
        result = search(stream.subarray(at, at + size));
      }
      expect(result).toEqual({ kind: 'found', key: { processId: 42, secret: words(77) } });
    }
  });

  it('is not looked for any longer once the session runs or fails, nor in noise', () => {
    expect(createKeySearch()(message('E', Buffer.from('SFATAL\0\0')))).toEqual({ kind: 'over' });
    expect(createKeySearch()(Buffer.concat([message('Z', Buffer.from('I')), ...start]))).toEqual({ kind: 'over' });
    expect(createKeySearch()(message('K', words(1)))).toEqual({ kind: 'over' });
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        const search = createKeySearch();
        for (const chunk of chunks) expect(search(Buffer.from(chunk)).kind).toBeTypeOf('string');
      }),
    );
  });

  it('leads to its own server only, and to none once the session is over', () => {
    const cancels = createCancelRegistry();
    const one = { host: '127.0.0.1', port: 1 };
    const two = { host: '127.0.0.1', port: 2 };
    const forgetOne = cancels.remember({ processId: 42, secret: words(1) }, one);
    cancels.remember({ processId: 42, secret: words(2) }, two);
    expect(cancels.serverOf({ processId: 42, secret: words(1) })).toEqual(one);
    expect(cancels.serverOf({ processId: 42, secret: words(2) })).toEqual(two);
    expect(cancels.serverOf({ processId: 42, secret: words(3) })).toBeNull();
    expect(cancels.serverOf({ processId: 42, secret: Buffer.from([1]) })).toBeNull();
    expect(cancels.serverOf({ processId: 43, secret: words(1) })).toBeNull();
    forgetOne();
    expect(cancels.serverOf({ processId: 42, secret: words(1) })).toBeNull();
  });
});
