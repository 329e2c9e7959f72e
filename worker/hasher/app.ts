import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import { hashPassword, saltBytes, verifyPassword } from './password-hash.ts';
import { type Queue, QueueFullError } from './queue.ts';

const maximumBodyBytes = 8 * 1024;
const retryAfterSeconds = 5;
const password = z.string().max(1024);
const hashBody = z.object({ password });
const verifyBody = z.object({ password, hash: z.string().max(256).nullable() });

export type HasherDeps = {
  queue: Queue;
  randomBytes(length: number): Uint8Array;
  /** told of failures; never of what was asked */
  logError(message: string): void;
};

/** `POST /hash` and `POST /verify`, one at a time; 503 with `Retry-After` when too many wait. */
export function createHasherApp(deps: HasherDeps): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    if (error instanceof QueueFullError) {
      c.header('Retry-After', String(retryAfterSeconds));
      return c.json({ message: 'Too many passwords are waiting to be hashed' }, 503);
    }
    if (error instanceof HTTPException) return c.json({ message: error.message }, error.status);
    // a message may quote its input
    deps.logError(`hashing failed: ${error.name}`);
    return c.json({ message: 'Internal error' }, 500);
  });
  app.notFound((c) => c.json({ message: 'Not found' }, 404));
  app.use(
    bodyLimit({
      maxSize: maximumBodyBytes,
      onError: () => {
        throw new HTTPException(413, { message: 'The request body is larger than 8 KB' });
      },
    }),
  );

  app.post('/hash', async (c) => {
    const body = await parse(c.req.raw, hashBody);
    const salt = deps.randomBytes(saltBytes);
    return c.json({ hash: await deps.queue.run(() => hashPassword(body.password, salt)) });
  });

  app.post('/verify', async (c) => {
    const body = await parse(c.req.raw, verifyBody);
    return c.json({ valid: await deps.queue.run(() => verifyPassword(body.password, body.hash)) });
  });
  return app;
}

async function parse<Shape extends z.ZodType>(request: Request, shape: Shape): Promise<z.infer<Shape>> {
  const parsed = shape.safeParse(await json(request));
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new HTTPException(400, { message: fields.join('; ') });
}

async function json(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch (error) {
    if (error instanceof SyntaxError) throw new HTTPException(400, { message: 'The request body is no JSON' });
    throw error;
  }
}
