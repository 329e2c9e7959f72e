import { z } from 'zod';
import { ControlPlaneFailure, type FailureKind } from './control-plane-failure.ts';
import { requireServed } from './served-versions.ts';

export type Request = { method: 'GET' | 'POST'; url: URL; headers: Record<string, string>; body: string };

/** short enough that a lost heartbeat is repeated before its projects count as unverified */
const requestTimeoutMs = 6_000;

/**
 * Sends a request to the control plane. Every way it can fail is a `ControlPlaneFailure`, also an answer of one that does
 * not serve this agent's protocol; redirects are not followed.
 */
export async function send(request: Request, now: () => number, signal?: AbortSignal): Promise<Response> {
  const timeout = AbortSignal.timeout(requestTimeoutMs);
  let response: Response;
  try {
    response = await fetch(request.url, {
      method: request.method,
      headers: { ...request.headers, ...(request.body === '' ? {} : { 'content-type': 'application/json' }) },
      ...(request.body === '' ? {} : { body: request.body }),
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
  } catch (error) {
    throw new ControlPlaneFailure('unreachable', `No answer from ${request.url.origin}: ${because(error)}`);
  }
  if (response.ok || response.status === 304) {
    requireServed(response.headers);
    return response;
  }
  throw refusal(response, await readText(response), now());
}

/** The answer's body in the shape it must have. */
export async function readAs<T>(schema: z.ZodType<T>, response: Response): Promise<T> {
  const parsed = schema.safeParse(parseJson(await readText(response)));
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
function refusal(response: Response, text: string, now: number): ControlPlaneFailure {
  const body = refusalBody.safeParse(parseJson(text));
  const { status } = response;
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

async function readText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw new ControlPlaneFailure('unreachable', `The control plane's answer broke off: ${because(error)}`);
  }
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
  const cause = error.cause;
  // a refused connection to several addresses has an empty message and only a code
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return cause instanceof Error ? cause.message || code || error.message : error.message;
}
