import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { type Finding, lint } from '../projects/lint.ts';
import { lintTexts } from './lint-texts.ts';

const lintWire = z.object({
  name: z.string(),
  title: z.string(),
  level: z.enum(['ERROR', 'WARN', 'INFO']),
  facing: z.literal('EXTERNAL'),
  categories: z.array(z.enum(['SECURITY', 'PERFORMANCE'])),
  description: z.string(),
  detail: z.string(),
  remediation: z.string(),
  metadata: z.object({ schema: z.string(), name: z.string(), type: z.string(), fkey_name: z.string().optional() }),
  cache_key: z.string(),
});

const run = createRoute({
  method: 'get',
  path: '/projects/{ref}/run-lints',
  request: { params: refParams },
  responses: { 200: answer(z.array(lintWire), "Findings of the checks in `lintTexts`, which are part of Supabase's") },
});

/** Studio's advisors. A database that cannot be asked is an error: an empty list would say that nothing is wrong. */
export const lints = createRouter().openapi(run, async (c) => {
  const found = await lint(ctxOf(c), c.req.valid('param').ref);
  return c.json(found.map(toWire), 200);
});

function toWire({ name, schema, object, type, info }: Finding): z.infer<typeof lintWire> {
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
