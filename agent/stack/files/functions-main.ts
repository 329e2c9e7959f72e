/**
 * The service that edge-runtime starts first, and that hands each call to a worker of the function named in its path.
 * TypeScript for edge-runtime; it imports nothing, so that functions start without a connection to anywhere.
 */
export const functionsMain = `// Written by supafleet-agent. Hands each call to the function that its path names; yours go into directories beside this
// one, \`functions/<name>/index.ts\`.
const home = '/home/deno/functions';
const entries = ['index.ts', 'index.js', 'index.tsx', 'index.mjs'];
const memoryLimitMb = 256;
const workerTimeoutMs = 400_000;

type Key = JsonWebKey & { kid?: string };
type Bytes = Uint8Array<ArrayBuffer>;
type UserWorker = { fetch(request: Request): Promise<Response> };
declare const EdgeRuntime: { userWorkers: { create(options: Record<string, unknown>): Promise<UserWorker> } };

const verifyJwt = Deno.env.get('VERIFY_JWT') === 'true';
const keys = readKeys(Deno.env.get('SUPABASE_JWKS'));
const environment = workerEnvironment();

function readKeys(text: string | undefined): Key[] {
  const parsed = text ? JSON.parse(text) : null;
  return Array.isArray(parsed?.keys) ? parsed.keys : [];
}

/** What functions see: all that this container has but the secret that signs tokens. */
function workerEnvironment(): [string, string][] {
  const { JWT_SECRET: _secret, VERIFY_JWT: _verify, ...rest } = Deno.env.toObject();
  const shown = keys.filter((key) => key.kty !== 'oct');
  return Object.entries({ ...rest, SUPABASE_JWKS: JSON.stringify({ keys: shown }) });
}

function answer(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status, headers: { 'sb-error-code': code } });
}

async function directoryOf(name: string): Promise<string | null> {
  if (name === 'main' || !/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(name)) return null;
  for (const entry of entries) {
    const found = await Deno.stat(home + '/' + name + '/' + entry).catch(() => null);
    if (found?.isFile) return home + '/' + name;
  }
  return null;
}

function decoded(part: string): Bytes {
  const base64 = part.replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function json(part: string): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(decoded(part)));
}

/** A key verifies tokens of its own kind only: a public key is never taken for a shared secret. */
async function verifies(key: Key, algorithm: unknown, signature: Bytes, data: Bytes): Promise<boolean> {
  const { kty, k, crv, x, y } = key;
  if (algorithm === 'HS256' && kty === 'oct') {
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    return crypto.subtle.verify(hmac, await imported({ kty, k }, hmac), signature, data);
  }
  if (algorithm === 'ES256' && kty === 'EC') {
    const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    return crypto.subtle.verify(ecdsa, await imported({ kty, crv, x, y }, ecdsa), signature, data);
  }
  return false;
}

function imported(key: JsonWebKey, algorithm: { name: string; hash: string; namedCurve?: string }): Promise<CryptoKey> {
  return crypto.subtle.importKey('jwk', key, algorithm, false, ['verify']);
}

/** Why a call without a good token is refused; null: it has one. */
async function refusal(request: Request): Promise<Response | null> {
  const authorization = request.headers.get('authorization');
  if (authorization === null) return answer(401, 'UNAUTHORIZED_NO_AUTH_HEADER', 'Missing authorization header');
  const token = /^Bearer +([\\w-]+)\\.([\\w-]+)\\.([\\w-]+)$/i.exec(authorization);
  if (token === null) return answer(401, 'UNAUTHORIZED_INVALID_JWT_FORMAT', 'Invalid JWT format');
  const [, header = '', payload = '', signature = ''] = token;
  try {
    const { alg, kid } = json(header);
    const { exp, nbf } = json(payload);
    const now = Date.now() / 1000;
    const inTime = (typeof exp !== 'number' || exp > now) && (typeof nbf !== 'number' || nbf <= now + 5);
    const data = new TextEncoder().encode(header + '.' + payload);
    for (const key of keys) {
      if (typeof kid === 'string' && key.kid !== undefined && key.kid !== kid) continue;
      if (inTime && (await verifies(key, alg, decoded(signature), data))) return null;
    }
  } catch (error) {
    console.error('a token could not be read:', nameOf(error));
  }
  return answer(401, 'UNAUTHORIZED_INVALID_JWT', 'Invalid JWT');
}

async function call(servicePath: string, request: Request, isSecond: boolean): Promise<Response> {
  const worker = await EdgeRuntime.userWorkers.create({
    servicePath,
    memoryLimitMb,
    workerTimeoutMs,
    noModuleCache: false,
    importMapPath: null,
    envVars: environment,
  });
  try {
    return await worker.fetch(request);
  } catch (error) {
    // one that ended between being chosen and being called has not seen the request
    if (!isSecond && nameOf(error) === 'WorkerAlreadyRetired') return call(servicePath, request, true);
    throw error;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

Deno.serve(async (request: Request) => {
  const name = new URL(request.url).pathname.split('/')[1] ?? '';
  const servicePath = await directoryOf(name);
  if (servicePath === null) return answer(404, 'NOT_FOUND', 'Requested function was not found');
  if (verifyJwt && request.method !== 'OPTIONS') {
    const refused = await refusal(request);
    if (refused !== null) return refused;
  }
  try {
    return await call(servicePath, request, false);
  } catch (error) {
    console.error(error);
    const reason = nameOf(error);
    if (reason === 'InvalidWorkerCreation' || reason === 'InvalidWorkerResponse') {
      return answer(503, 'BOOT_ERROR', 'Function failed to start (please check logs)');
    }
    if (reason === 'WorkerRequestCancelled') {
      return answer(546, 'WORKER_LIMIT', 'Function ended because it reached a limit (please check logs)');
    }
    return answer(500, 'WORKER_ERROR', 'Function exited due to an error (please check logs)');
  }
});
`;
