import { z } from 'zod';
import { type Answer, ask } from './ask.ts';
import { ControlPlaneFailure, type FailureKind } from './control-plane-failure.ts';
import { requireServed } from './served-versions.ts';

export type Request = { method: 'GET' | 'POST'; url: URL; headers: Record<string, string>; body: string };

/** short enough that a lost heartbeat is repeated before its projects count as unverified */
const requestTimeoutMs = 6_000;

/**
 * Sends a request to the control plane. Every way it can fail is a `ControlPlaneFailure`, also an answer of one that does
 * not serve this agent's protocol; redirects are not followed.
 */
export async function send(request: Request, now: () => number, signal?: AbortSignal): Promise<Answer> {
  const timeout = AbortSignal.timeout(requestTimeoutMs);
  const { method, url, headers, body } = request;
  let answer: Answer;
  try {
    answer = await ask(url, {
      method,
      headers: { ...headers, ...(body === '' ? {} : { 'content-type': 'application/json' }) },
      body,
      alone: method === 'POST',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
  } catch (error) {
    throw new ControlPlaneFailure('unreachable', `No answer from ${url.origin}: ${because(error)}`);
  }
  if ((answer.status >= 200 && answer.status < 300) || answer.status === 304) {
    requireServed(answer.headers);
    return answer;
  }
  throw refusal(answer, now());
}

/** The answer's body in the shape it must have. */
export function readAs<T>(schema: z.ZodType<T>, { text }: Answer): T {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new ControlPlaneFailure('unreachable', `The control plane's answer could not be understood (${fields})`);
}

const refusalBody = z.object({
  message: z.string(),
  code: z.string(),
  reason: z.string().optional(),
  /** the control plane's time, with the reason `clock_skew` */
  now: z.number().optional(),
});

/** Without a code of the control plane's own, an answer comes from something in between and decides nothing. */
function refusal({ status, text }: Answer, now: number): ControlPlaneFailure {
  const body = refusalBody.safeParse(parseJson(text));
  if (!body.success) return new ControlPlaneFailure('unreachable', `Something on the way answered with HTTP ${status}`);
  const { code, message, reason } = body.data;
  if (reason === 'clock_skew') return clockSkew(now - (body.data.now ?? now), message);
  return new ControlPlaneFailure(kindOf(status, code, reason), message);
}

function clockSkew(skewMs: number, message: string): ControlPlaneFailure {
  const direction = skewMs > 0 ? 'ahead of' : 'behind';
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return new ControlPlaneFailure(
    'clock-skew',
    skewMs === 0 ? message : `This host's clock is ${seconds} s ${direction} the control plane's; set it right`,
  );
}

function kindOf(status: number, code: string, reason: string | undefined): FailureKind {
  if (code === 'agent_version_unsupported') return 'version-unsupported';
  // only this answer is made by somebody who knows this host's key and shut it out
  if (status === 403 && code === 'forbidden' && reason === 'revoked') return 'revoked';
  if (code === 'unauthenticated' || code === 'forbidden') return 'not-recognized';
  if (code === 'conflict' && reason === 'sequence') return 'sequence-conflict';
  return status >= 500 || status === 429 ? 'unreachable' : 'refused';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function because(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  // a refused connection to several addresses has an empty message and only a code
  return error.message || ('code' in error ? String(error.code) : error.name);
}
