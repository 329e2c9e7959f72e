import { sha256Hex } from '../auth/digest.ts';
import type { Ctx, OpenCtx } from '../deps.ts';
import type { Limit } from '../store/rate-limits.ts';
import { addressGroup } from './address-group.ts';
import type { LimitName } from './policies.ts';

/** What everybody shares whose address no trusted proxy tells. */
const unknownAddress = 'unknown';
/** What one address gets back in a time, all of them together get back so many times. */
const sharedBy = 3;
const longestId = 64;

/** By where the request comes from. */
export function perAddress({ deps, request }: OpenCtx, name: LimitName): Limit {
  if (request.address !== null) return limit(deps, name, addressGroup(request.address));
  const { key, policy } = limit(deps, name, unknownAddress);
  return {
    key,
    policy: policy.kind === 'rate' ? { ...policy, intervalMs: Math.ceil(policy.intervalMs / sharedBy) } : policy,
  };
}

/** By an address of mail as it was sent, canonical; whether there is an account of it makes no difference. */
export async function perEmail({ deps }: OpenCtx, name: LimitName, email: string): Promise<Limit> {
  return limit(deps, name, await sha256Hex(email));
}

/** By an address of mail and where the request comes from. */
export async function perEmailAndAddress(
  { deps }: OpenCtx,
  name: LimitName,
  by: { email: string; address: string },
): Promise<Limit> {
  return limit(deps, name, await sha256Hex(`${by.email} ${addressGroup(by.address)}`));
}

/** By the account behind the credential, and by what of it is meant, if something is. */
export function perAccount({ deps, credential }: Ctx, name: LimitName, what?: string): Limit {
  return { ...limit(deps, name, what === undefined ? '' : `${what.slice(0, longestId)}:`), of: credential };
}

/** By the slug of an organization. */
export function perOrganization({ deps }: OpenCtx, name: LimitName, slug: string): Limit {
  return limit(deps, name, slug.slice(0, longestId));
}

/** By the session that a refresh token (its SHA-256, hex) belongs to. */
export function perRefreshedSession({ deps }: OpenCtx, name: LimitName, hash: string): Limit {
  return { ...limit(deps, name, ''), of: { kind: 'refresh-token', id: hash } };
}

function limit(deps: OpenCtx['deps'], name: LimitName, value: string): Limit {
  return { key: `${name}:${value}`, policy: deps.config.limits[name] };
}
