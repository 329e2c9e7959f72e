/** Where a chain stands: the number of its last entry, and that entry's hash. */
export type ChainHead = { sequence: number; hash: string };

/** What the hash of an entry covers, beside its number and the hash before it. */
export type ChainedContents = {
  at: number;
  actorKind: string;
  actorId: string;
  action: string;
  target: string;
  requestId: string;
  address: string | null;
  route: string | null;
  credential: string | null;
  /** as stored: JSON text */
  details: string;
};

/** Before the first entry of an organization. */
export const genesis: ChainHead = { sequence: 0, hash: '0'.repeat(64) };

/**
 * The head once an entry with these contents was added. A JSON array of fixed order has one spelling only, so no two
 * different entries are hashed as the same text. The organization is not part of it: a new one has no id yet when its
 * first entry is made. The seal over the head says whose chain it is.
 */
export async function nextHead(previous: ChainHead, entry: ChainedContents): Promise<ChainHead> {
  const { at, actorKind, actorId, action, target, requestId, address, route, credential, details } = entry;
  const sequence = previous.sequence + 1;
  const covered = [
    previous.hash,
    sequence,
    at,
    actorKind,
    actorId,
    action,
    target,
    requestId,
    address,
    route,
    credential,
    details,
  ];
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(covered)));
  const hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { sequence, hash };
}

/** A head as it is sealed, kept and typed: `12:…`. */
export function headText({ sequence, hash }: ChainHead): string {
  return `${sequence}:${hash}`;
}

/** Null: it is none. */
export function parseHead(text: string): ChainHead | null {
  const found = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text);
  return found === null ? null : { sequence: Number(found[1]), hash: found[2] ?? '' };
}
