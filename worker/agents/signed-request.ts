import type { Context, MiddlewareHandler } from 'hono';
import { base64url } from 'jose';
import { z } from 'zod';
import { agentHeaders, protocolVersion } from '../../schema/agent-protocol.ts';
import { hostId } from '../../schema/ids.ts';
import { AppError, unauthenticated } from '../errors.ts';
import type { AgentCtx, SignedRequest } from '../hosts/verify-request.ts';
import type { AppEnv } from '../http/variables.ts';

const olderVersionsServed = 2;

const signedHeaders = z.object({
  [agentHeaders.host]: hostId,
  [agentHeaders.timestamp]: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
  [agentHeaders.signature]: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
});

/**
 * Goes before everything agents ask: serves this version of the protocol and the two before it, and says what time it
 * is, by which an agent tells a wrong clock from a wrong key.
 */
export const requireVersion: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.header('Date', new Date(c.get('deps').clock.now()).toUTCString());
  const version = c.req.header(agentHeaders.version) ?? '';
  const oldest = Math.max(1, protocolVersion - olderVersionsServed);
  c.header(agentHeaders.served, range(oldest, protocolVersion).join(' '));
  if (!/^\d{1,6}$/.test(version) || Number(version) < oldest || Number(version) > protocolVersion) {
    const served = oldest === protocolVersion ? `version ${oldest}` : `versions ${oldest} to ${protocolVersion}`;
    throw new AppError(
      'agent_version_unsupported',
      `This control plane serves ${served} of the agent protocol; install an agent that speaks it`,
      { body: { oldest, newest: protocolVersion } },
    );
  }
  await next();
};

/** Refuses a request without the headers of a signed one before its body is looked at. */
export const requireSignature: MiddlewareHandler<AppEnv> = async (c, next) => {
  headersOf(c);
  await next();
};

/** The signed request as it came. Whether the signature holds is for the use case, which knows the host's key. */
export async function signedRequestOf(c: Context<AppEnv>): Promise<SignedRequest> {
  const headers = headersOf(c);
  const url = new URL(c.req.url);
  return {
    hostId: headers[agentHeaders.host],
    timestamp: headers[agentHeaders.timestamp],
    signature: new Uint8Array(base64url.decode(headers[agentHeaders.signature])),
    method: c.req.method,
    pathAndQuery: `${url.pathname}${url.search}`,
    body: c.req.method === 'GET' ? '' : await c.req.text(),
  };
}

/** The context of use cases for agents: who signed is checked by them, with the host's row. */
export function agentCtxOf(c: Context<AppEnv>): AgentCtx {
  return { deps: c.get('deps'), request: c.get('request') };
}

function headersOf(c: Context<AppEnv>): z.infer<typeof signedHeaders> {
  const parsed = signedHeaders.safeParse(c.req.header());
  if (!parsed.success) throw unauthenticated('This path is for agents: the headers of a signed request are missing');
  return parsed.data;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
