import { createRoute, z } from '@hono/zod-openapi';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { type Finding, lint } from '../projects/lint.ts';
import { lintTexts } from './lint-texts.ts';

const run = createRoute({
  method: 'get',
  path: '/projects/{ref}/run-lints',
  request: { params: z.object({ ref: z.string() }) },
  responses: { 200: { description: "Findings of the checks in `lintTexts`, which are part of Supabase's" } },
});

/** Studio's advisors. A database that cannot be asked is an error: an empty list would say that nothing is wrong. */
export const lints = createRouter().openapi(run, async (c) => {
  const found = await lint(ctxOf(c), c.req.valid('param').ref);
  return c.json(found.map(toWire), 200);
});

function toWire({ name, schema, object, type, info }: Finding) {
  const text = lintTexts[name];
  return {
    name,
    title: text.title,
    level: text.level,
    facing: 'EXTERNAL',
    categories: [text.category],
    description: text.description,
    detail: text.detail(`${schema}.${object}`, info ?? ''),
    remediation: `https://supabase.com/docs/guides/database/database-linter?lint=${text.number}_${name}`,
    metadata: {
      schema,
      name: object,
      type: metadataTypes[type] ?? 'table',
      ...(name === 'unindexed_foreign_keys' && info !== null && { fkey_name: info }),
    },
    cache_key: [name, schema, object, ...(info === null ? [] : [info])].join('_'),
  };
}

const metadataTypes: Record<string, string> = {
  table: 'table',
  view: 'view',
  'materialized view': 'view',
  'foreign table': 'table',
  function: 'function',
  extension: 'extension',
};
