import { z } from 'zod';
import { agentHeaders, protocolVersion } from '../schema/agent-protocol.ts';
import { type Answer, ask } from './ask.ts';
import { ControlPlaneFailure } from './control-plane-failure.ts';
import { requireServed, servedVersions } from './served-versions.ts';

/** What a control plane says to a host it need not know yet. */
export type Greeting = {
  /** versions of the protocol it serves; null: it is from before it said so */
  served: number[] | null;
  /** milliseconds by which this machine's clock is ahead of its own; good to two seconds */
  skewMs: number | null;
};

/**
 * Asks who is there, without a key and before anything is done here: an agent that is not served learns it by this.
 * Throws a `ControlPlaneFailure`: `version-unsupported`, or `unreachable` when no control plane answers.
 */
export async function greet(
  url: string,
  deps: { now(): number },
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<Greeting> {
  const startedAt = deps.now();
  const response = await askWithin(url, options);
  const body = refusal.safeParse(parseJson(response.text));
  const served = servedVersions(response.headers);
  if (body.data?.code === 'agent_version_unsupported') {
    throw new ControlPlaneFailure('version-unsupported', body.data.message);
  }
  // a request without a signature is refused by a control plane, and by nobody else in this way
  if (response.status !== 401 || body.data?.code !== 'unauthenticated') {
    throw new ControlPlaneFailure(
      'unreachable',
      `What answers at ${url} is no control plane (HTTP ${response.status})`,
    );
  }
  requireServed(response.headers);
  return { served, skewMs: skew(response.headers.date, (startedAt + deps.now()) / 2) };
}

const refusal = z.object({ code: z.string(), message: z.string() });

async function askWithin(url: string, { timeoutMs, signal }: Parameters<typeof greet>[2]): Promise<Answer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await ask(new URL('/agent/v1/desired', url), {
      headers: { [agentHeaders.version]: String(protocolVersion) },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
  } catch (error) {
    const reason = timeout.aborted ? `nothing within ${timeoutMs / 1000} s` : reasonOf(error);
    throw new ControlPlaneFailure('unreachable', `No answer from ${url}: ${reason}`);
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown reason';
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}

/** The header counts whole seconds and cuts the rest off. */
function skew(date: string | undefined, now: number): number | null {
  const told = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(told) ? null : Math.round(now - told - 500);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // some other program's answer
  }
}
