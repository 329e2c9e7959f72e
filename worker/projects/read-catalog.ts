import type { Ctx } from '../deps.ts';
import { pgMetaError } from './pg-meta-error.ts';
import { reachProject } from './reach.ts';

/** What postgres-meta lists, by the name of its path. */
export const catalogs = [
  'extensions',
  'foreign-tables',
  'materialized-views',
  'policies',
  'publications',
  'tables',
  'triggers',
  'types',
  'views',
] as const;
export type Catalog = (typeof catalogs)[number];

/**
 * Lists one part of a project's catalog, as JSON text. Every role may read it: the statements are postgres-meta's own.
 * `query`: postgres-meta's filters. Errors: those of `reachProject` and `pgMetaError`.
 */
export async function readCatalog(
  ctx: Ctx,
  input: { ref: string; catalog: Catalog; id: string | undefined; query: Record<string, string | undefined> },
): Promise<string> {
  const { fetch } = await reachProject(ctx, input.ref, 'sql:read');
  const filters = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query)) {
    // an empty filter means none; postgres-meta would look for a schema without a name
    if (value !== undefined && value !== '') filters.set(name, value);
  }
  const one = input.id === undefined ? '' : `/${encodeURIComponent(input.id)}`;
  const search = filters.size === 0 ? '' : `?${filters}`;
  const response = await fetch({
    method: 'GET',
    path: `/pg/${input.catalog}${one}${search}`,
    timeoutMs: 60_000,
    maximumBytes: 10 * 1024 * 1024,
  });
  if (input.id !== undefined && response.status === 404) return '[]';
  if (response.status !== 200) throw pgMetaError(response);
  return input.id === undefined ? response.body : `[${response.body}]`;
}
