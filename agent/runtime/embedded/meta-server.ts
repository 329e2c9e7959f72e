import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { build } from '@supabase/postgres-meta/dist/server/app.js';

/*
 * Entry of the child process that serves postgres-meta for every project of a host. The database to work on comes with
 * each request in the `pg` header, which only the gateways know how to fill. Ends when the agent is gone.
 */

const key = process.env.CRYPTO_KEY;
if (key === undefined || key.length < 32) throw new Error('CRYPTO_KEY must be set');

// postgres-meta takes a connection string only when it is encrypted, and else falls back to a server of its own choice.
// This sits before its own hooks, which would otherwise run first.
const app = build({
  bodyLimit: 2 * 1024 * 1024,
  serverFactory: (handle: (request: IncomingMessage, response: ServerResponse) => void) =>
    createServer((request, response) => {
      const connection = request.headers.pg;
      if (typeof connection !== 'string' || connection === '') {
        response.writeHead(400, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: 'no database was named' }));
        return;
      }
      request.headers['x-connection-encrypted'] = encrypt(connection, key);
      handle(request, response);
    }),
});

process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));

await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
process.send?.({ port: typeof address === 'object' && address !== null ? address.port : null });

/** The passphrase form of OpenSSL's AES-256-CBC, base64: what postgres-meta decrypts. */
function encrypt(text: string, passphrase: string): string {
  const salt = randomBytes(8);
  let material = Buffer.alloc(0);
  let block = Buffer.alloc(0);
  while (material.byteLength < 48) {
    block = createHash('md5').update(block).update(passphrase, 'utf8').update(salt).digest();
    material = Buffer.concat([material, block]);
  }
  const cipher = createCipheriv('aes-256-cbc', material.subarray(0, 32), material.subarray(32, 48));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.from('Salted__'), salt, sealed]).toString('base64');
}
