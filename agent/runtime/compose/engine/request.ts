import { request as httpRequest, type IncomingMessage } from 'node:http';
import { RuntimeFailure } from '../../../runtime-failure.ts';

export type EngineRequest = {
  socketPath: string;
  method: 'GET' | 'POST' | 'DELETE';
  /** with its query */
  path: string;
  timeoutMs: number;
  signal: AbortSignal;
};

/** The largest answer that is read: thousands of containers fit in. */
const largestAnswerBytes = 32 * 1024 * 1024;

/**
 * One request to the Docker engine, whole. Rejects with a RuntimeFailure when nobody answers in time; a status that is no
 * success is an answer like any other.
 */
export async function engineRequest(options: EngineRequest): Promise<{ status: number; text: string }> {
  const { socketPath, timeoutMs, signal } = options;
  signal.throwIfAborted();
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const response = await openAnswer(options, AbortSignal.any([signal, late]));
    return { status: response.statusCode ?? 0, text: await wholeText(response) };
  } catch (cause) {
    signal.throwIfAborted();
    throw new RuntimeFailure(`The Docker engine ${late.aborted ? silence(options) : trouble(cause, socketPath)}`, {
      cause,
    });
  }
}

/** Sends a request without a body and resolves with the head of the answer. Rejects as `node:http` does. */
export function openAnswer(
  { socketPath, method, path }: Pick<EngineRequest, 'socketPath' | 'method' | 'path'>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ socketPath, method, path, signal, agent: false, headers: { host: 'docker' } });
    request.once('error', reject);
    request.once('response', resolve);
    request.end();
  });
}

async function wholeText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    size += bytes.byteLength;
    if (size > largestAnswerBytes) throw new Error('the answer is too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function silence({ socketPath, timeoutMs }: EngineRequest): string {
  return `did not answer at ${socketPath} within ${timeoutMs / 1000} s; see \`systemctl status docker\``;
}

function trouble(cause: unknown, socketPath: string): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return `does not run: nobody listens at ${socketPath}`;
  if (code === 'EACCES' || code === 'EPERM') return `does not let the agent in: ${socketPath} is not its to open`;
  return `broke off at ${socketPath}${code === '' ? '' : ` (${code})`}`;
}
