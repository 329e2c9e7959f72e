import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { text } from 'node:stream/consumers';

export type Question = {
  method?: 'GET' | 'POST';
  headers: Record<string, string>;
  /** none when it is empty */
  body?: string;
  /** a connection for this request alone; else one that is open may be used again */
  alone?: boolean;
  signal: AbortSignal;
};

/** `headers` by lower-case name. A redirect is an answer like any other and is not followed. */
export type Answer = { status: number; headers: Readonly<Record<string, string | undefined>>; text: string };

/**
 * One HTTP request, whole. Rejects as Node does, and with the signal's reason. In place of `fetch`, whose parser takes an
 * agent tens of megabytes to make ready.
 */
export async function ask(url: URL, question: Question): Promise<Answer> {
  try {
    return await askOnce(url, question);
  } catch (error) {
    question.signal.throwIfAborted();
    // the other side closed an idle connection just when it was used again
    const isRepeatable = (question.method ?? 'GET') === 'GET' && question.alone !== true;
    if (!isRepeatable || !(error instanceof Error && 'code' in error && error.code === 'ECONNRESET')) throw error;
    return askOnce(url, { ...question, alone: true });
  }
}

async function askOnce(url: URL, { method = 'GET', headers, body = '', alone, signal }: Question): Promise<Answer> {
  signal.throwIfAborted();
  const start = url.protocol === 'https:' ? secureRequest : plainRequest;
  const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, ...length }, signal, ...(alone === true && { agent: false }) };
    const sent = start(url, options, (response) => {
      const named = Object.entries(response.headers).map(([name, value]) => [name, value?.toString()]);
      text(response).then((whole) => {
        resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(named), text: whole });
      }, reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
