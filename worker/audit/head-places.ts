import type { SealedPlace } from '../deps.ts';

/**
 * Where the seal over the head of a chain belongs: to the organization's id, or to its slug while the organization has
 * no id yet, which is so for the first entry only. A head of another organization does not open there.
 */
export function headPlace(organization: number | string): SealedPlace {
  return { table: 'audit_heads', row: String(organization), field: 'head' };
}

/** Where the seal over the last entry that retention removed belongs. */
export function anchorPlace(organizationId: number): SealedPlace {
  return { table: 'audit_heads', row: String(organizationId), field: 'anchor' };
}
