import { createHash, type KeyObject, sign } from 'node:crypto';
import { agentHeaders, protocolVersion } from '../schema/agent-protocol.ts';

export type SignableRequest = { method: string; pathAndQuery: string; body: string; timestamp: number };

/** The text a host signs, as `schema/agent-protocol.ts` lays down. */
export function signedText({ method, pathAndQuery, body, timestamp }: SignableRequest): string {
  return [method, pathAndQuery, timestamp, createHash('sha256').update(body).digest('base64url')].join('\n');
}

/** The headers of a signed request. `timestamp` is in milliseconds since the epoch. */
export function signedHeaders(
  request: SignableRequest,
  identity: { hostId: string; privateKey: KeyObject },
): Record<string, string> {
  return {
    [agentHeaders.host]: identity.hostId,
    [agentHeaders.timestamp]: String(request.timestamp),
    [agentHeaders.signature]: sign(null, Buffer.from(signedText(request)), identity.privateKey).toString('base64url'),
    [agentHeaders.version]: String(protocolVersion),
  };
}
