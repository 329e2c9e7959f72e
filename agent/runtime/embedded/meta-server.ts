import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { build } from '@supabase/postgres-meta/dist/server/app.js';
import { isProjectConnection } from './meta-connection.ts';

/*
 * Entry of the child process that serves postgres-meta for every project of a host, on a Unix socket in a directory that
 * only the agent and this process may enter. The database to work on comes with each request in the `pg` header, which
 * only the gateways fill. Ends when the agent is gone.
 */

const { CRYPTO_KEY: key, META_SOCKET: path } = process.env;
if (key === undefined || key.length < 32) throw new Error('CRYPTO_KEY must be set');
if (path === undefined || path === '') throw new Error('META_SOCKET must be set');

// postgres-meta takes a connection string only when it is encrypted, and else falls back to a server of its own choice.
// This sits before its own hooks, which would otherwise run first.
const app = build({
  bodyLimit: 2 * 1024 * 1024,
  serverFactory: (handle: (request: IncomingMessage, response: ServerResponse) => void) =>
    createServer((request, response) => {
      const connection = request.headers.pg;
      if (typeof connection !== 'string' || !isProjectConnection(connection)) {
        response.writeHead(400, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: 'no database of a project was named' }));
        return;
      }
      request.headers['x-connection-encrypted'] = encrypt(connection, key);
      handle(request, response);
    }),
});

process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));

await app.listen({ path });
process.send?.({ listening: true });

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
