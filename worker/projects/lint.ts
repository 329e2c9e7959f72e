import { z } from 'zod';
import { liveSpec } from '../../schema/stack-spec.ts';
import type { Ctx } from '../deps.ts';
import { type LintName, lintSql } from './lint-sql.ts';
import { pgMetaError } from './pg-meta-error.ts';
import { reachProject } from './reach.ts';

const lintName = z.custom<LintName>((name) => typeof name === 'string' && Object.hasOwn(lintSql, name));

const findings = z.array(
  z.object({ name: lintName, schema: z.string(), object: z.string(), type: z.string(), info: z.string().nullable() }),
);

export type Finding = z.infer<typeof findings>[number];

/**
 * Looks through a project's catalog for what commonly goes wrong: the checks of `lintSql`, and no others.
 * Errors: those of `reachProject` and `pgMetaError`.
 */
export async function lint(ctx: Ctx, ref: string): Promise<Finding[]> {
  const { fetch, project } = await reachProject(ctx, ref, 'sql:read');
  const { schemas } = liveSpec.shape.rest.parse(JSON.parse(project.rest));
  const response = await fetch({
    method: 'POST',
    path: '/pg/query?queryTimeoutSecs=20',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: statement, parameters: [schemas] }),
    timeoutMs: 24_000,
    maximumBytes: 10 * 1024 * 1024,
  });
  if (response.status !== 200) throw pgMetaError(response);
  return findings.parse(JSON.parse(response.body));
}

/** One statement: all checks see one snapshot of the catalog and cost one round trip. */
const statement = Object.entries(lintSql)
  .map(([name, sql]) => `select '${name}' as name, found.* from (${sql}) as found (schema, object, type, info)`)
  .join('\nunion all\n')
  .concat('\norder by 1, 2, 3 limit 1000');
