import { z } from 'zod';
import type { Hasher } from './deps.ts';
import { AppError } from './errors.ts';

/** A service binding. */
export type HasherBinding = { fetch(request: Request): Promise<Response> };

const hashAnswer = z.object({ hash: z.string().min(1) });
const verifyAnswer = z.object({ valid: z.boolean() });
const defaultTimeoutMs = 15_000;
const retryAfterSeconds = 5;

/** Password hashing in another Worker. A full queue and a late answer are `overloaded`: the caller may try again. */
export function createHasherClient(binding: HasherBinding, options: { timeoutMs?: number } = {}): Hasher {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  return {
    hash: async (password) => hashAnswer.parse(await ask(binding, '/hash', { password }, timeoutMs)).hash,
    verify: async (password, hash) =>
      verifyAnswer.parse(await ask(binding, '/verify', { password, hash }, timeoutMs)).valid,
  };
}

async function ask(
  binding: HasherBinding,
  path: '/hash' | '/verify',
  body: Record<string, string | null>,
  timeoutMs: number,
): Promise<unknown> {
  // the host is no address: the binding decides where it goes
  const request = new Request(`http://hasher${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  try {
    const response = await reach(binding, request);
    if (response.status === 503) throw overloaded(Number(response.headers.get('retry-after')) || retryAfterSeconds);
    if (!response.ok) throw new Error(`the hasher answered ${response.status}`);
    return await response.json();
  } catch (error) {
    if (error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
      throw overloaded(retryAfterSeconds, error);
    }
    throw error;
  }
}

/** Where the hasher cannot be reached it is being started again, or the runtime is: both pass. */
async function reach(binding: HasherBinding, request: Request): Promise<Response> {
  try {
    return await binding.fetch(request);
  } catch (cause) {
    throw new AppError('overloaded', 'Signing in is not possible at the moment; try again in a few seconds', {
      retryAfterSeconds: 2,
      cause,
    });
  }
}

function overloaded(afterSeconds: number, cause?: unknown): AppError {
  return new AppError('overloaded', 'Too many people are signing in right now; try again in a moment', {
    retryAfterSeconds: afterSeconds,
    cause,
  });
}
