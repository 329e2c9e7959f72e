import type { PageInput } from './paging.ts';

export type AuditEntry = {
  id: number;
  at: string;
  /** `email`: of an account that is still there */
  actor: { kind: 'account' | 'host' | 'system'; id: string; email: string | null };
  action: string;
  /** what it was done to: a ref, a slug, an id */
  target: string;
  requestId: string;
  address: string | null;
  /** method and path of the request, as they are described */
  route: string | null;
  /** how the account proved who it is */
  credential: 'session' | 'token' | null;
  details: Record<string, string | number | boolean | null>;
  /** in the organization's chain; null: from before there was one */
  sequence: number | null;
  hash: string | null;
};

/** What does not narrow it down is left out; times are ISO 8601 and included. */
export type ListAudit = PageInput & {
  organization: string;
  /** an account's address, or the id of an account or host */
  actor?: string | undefined;
  action?: string | undefined;
  /** ref */
  project?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
};

/** Where an organization's chain of audit entries ends. */
export type AuditHead = { sequence: number; hash: string };

export type VerifyAudit = {
  organization: string;
  /** `nextCursor` of the call before */
  cursor?: string | undefined;
  /** a head that was kept somewhere else and has to be in the chain */
  head?: AuditHead | undefined;
};

/** One call looks at a part of the chain; all of it was looked at when `nextCursor` is null. */
export type AuditVerdict = {
  intact: boolean;
  /** how many were looked at */
  entries: number;
  head: AuditHead | null;
  /** the last one that retention removed; 0: none */
  removedUpTo: number;
  /** the first entry that is not as it was written */
  fault: { sequence: number; what: string } | null;
  nextCursor: string | null;
};
