import { base64url } from 'jose';
import { maximumSkewMs } from '../../schema/agent-protocol.ts';
import type { Ctx } from '../deps.ts';
import { AppError, unauthenticated } from '../errors.ts';
import type { AgentHost } from '../store/desired.ts';

/** The context of a request that a host's key signed, instead of an account's credential. */
export type AgentCtx = Pick<Ctx, 'deps' | 'request'>;

/** A signed request before it is known whether the signature holds. */
export type SignedRequest = {
  hostId: string;
  /** milliseconds since the epoch */
  timestamp: number;
  signature: Uint8Array<ArrayBuffer>;
  method: string;
  pathAndQuery: string;
  /** as it was parsed; empty without one */
  body: string;
};

/** Refuses a request made too long ago or in the future, before anything is asked of the database. */
export function requireFresh(signed: Pick<SignedRequest, 'timestamp'>, now: number): void {
  if (Math.abs(now - signed.timestamp) <= maximumSkewMs) return;
  const text = `The request's timestamp is more than ${maximumSkewMs / 1000} s away from the control plane's clock`;
  throw new AppError('unauthenticated', text, { body: { reason: 'clock_skew', now } });
}

/**
 * The host behind a request whose signature holds. Unknown hosts and wrong signatures are one answer; that a host was
 * revoked is told only to the holder of its key. Errors: `unauthenticated`, `forbidden`.
 */
export async function requireHost(host: AgentHost | null, signed: SignedRequest): Promise<AgentHost> {
  if (host === null || !(await isSignedBy(host.publicKey, signed))) {
    throw unauthenticated('Unknown host, or the signature does not fit its key');
  }
  if (host.revokedAt !== null) {
    throw new AppError('forbidden', 'This host was revoked', { body: { reason: 'revoked' } });
  }
  return host;
}

async function isSignedBy(publicKey: string, signed: SignedRequest): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(base64url.decode(publicKey)), 'Ed25519', false, [
    'verify',
  ]);
  return crypto.subtle.verify('Ed25519', key, signed.signature, new TextEncoder().encode(await signedText(signed)));
}

/** What `schema/agent-protocol.ts` says is signed. */
async function signedText({ method, pathAndQuery, timestamp, body }: SignedRequest): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body));
  return [method, pathAndQuery, timestamp, base64url.encode(new Uint8Array(digest))].join('\n');
}
