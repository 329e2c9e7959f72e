import type { MiddlewareHandler } from 'hono';
import { AppError } from '../errors.ts';
import type { AppEnv } from './variables.ts';

const maximumUrlBytes = 8 * 1024;
const maximumHeaderBytes = 16 * 1024;
const maximumBodyBytes = 1024 * 1024;
/** So much of a body that is too large is taken in and forgotten: who is still sending does not read the refusal. */
const forgottenBytes = 32 * 1024 * 1024;
const bodyTimeoutMs = 10_000;

/** URLs over 8 KB are 414, headers over 16 KB 431; workerd itself accepts far more. */
export const limitHead: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.req.url.length > maximumUrlBytes) throw new AppError('uri_too_long', 'The URL is longer than 8 KB');
  let bytes = 0;
  for (const [name, value] of c.req.raw.headers) bytes += name.length + value.length + 4;
  if (bytes > maximumHeaderBytes) throw new AppError('headers_too_large', 'The request headers are larger than 16 KB');
  await next();
};

/**
 * Takes in the whole body before anything is done for it. Over 1 MB it is 413, whether announced by a length or
 * streamed; one that is still not there after 10 s is 408, one that breaks off or is no UTF-8 is 400.
 */
export const limitBody: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { raw } = c.req;
  if (raw.body === null) return next();
  const announced = Number(raw.headers.get('content-length') ?? 0);
  if (announced > forgottenBytes) throw tooLarge();
  const bytes = await readBody(raw.body);
  if (raw.method !== 'GET' && raw.method !== 'HEAD') c.req.raw = new Request(raw, { body: bytes });
  await next();
};

async function readBody(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    // ends the read that is waiting
    void reader.cancel();
  }, bodyTimeoutMs);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size <= maximumBodyBytes) chunks.push(value);
      if (size > forgottenBytes) throw tooLarge();
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    // the client went away, or what it sends is no HTTP: there may be nobody to read this
    if (!late) throw new AppError('invalid_input', 'The request body broke off');
  } finally {
    clearTimeout(timer);
  }
  if (late) throw new AppError('request_timeout', 'The request body did not arrive within 10 seconds');
  if (size > maximumBodyBytes) throw tooLarge();
  return joined(chunks, size);
}

/** The body in one piece. Throws when it is no UTF-8: what cannot be read would be kept as something else. */
function joined(chunks: Uint8Array<ArrayBuffer>[], size: number): Uint8Array<ArrayBuffer> {
  const [only] = chunks;
  const bytes = chunks.length === 1 && only !== undefined ? only : new Uint8Array(size);
  if (bytes !== only) {
    let offset = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new AppError('invalid_input', 'The request body is not UTF-8');
  }
  return bytes;
}

function tooLarge(): AppError {
  return new AppError('payload_too_large', 'The request body is larger than 1 MB');
}
