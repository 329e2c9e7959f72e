import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { AppError } from '../errors.ts';
import type { AppEnv } from './variables.ts';

const maximumUrlBytes = 8 * 1024;
const maximumHeaderBytes = 16 * 1024;
export const maximumBodyBytes = 1024 * 1024;

/** URLs over 8 KB are 414, headers over 16 KB 431; workerd itself accepts far more. */
export const limitHead: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.req.url.length > maximumUrlBytes) throw new AppError('uri_too_long', 'The URL is longer than 8 KB');
  let bytes = 0;
  for (const [name, value] of c.req.raw.headers) bytes += name.length + value.length + 4;
  if (bytes > maximumHeaderBytes) throw new AppError('headers_too_large', 'The request headers are larger than 16 KB');
  await next();
};

/** Bodies over 1 MB are 413, whether announced by a length or streamed. */
export const limitBody: MiddlewareHandler<AppEnv> = bodyLimit({
  maxSize: maximumBodyBytes,
  onError: () => {
    throw new AppError('payload_too_large', 'The request body is larger than 1 MB');
  },
});
