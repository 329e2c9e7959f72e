import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { type ApiKey, findApiKey, listApiKeys } from '../projects/api-keys.ts';
import { findProject } from '../projects/find.ts';
import { isoTime } from '../projects/iso-time.ts';

const keyWire = z.object({
  id: z.string().nullable(),
  name: z.string(),
  type: z.enum(['legacy', 'publishable', 'secret']),
  description: z.string(),
  prefix: z.string().nullable(),
  hash: z.string().nullable(),
  api_key: z.string().nullable(),
  secret_jwt_template: z.object({ role: z.string() }).nullable(),
  inserted_at: z.string(),
  updated_at: z.string(),
});

const query = z.object({ reveal: z.stringbool().default(false) });

const list = createRoute({
  method: 'get',
  path: '/projects/{ref}/api-keys',
  request: { params: refParams, query },
  responses: { 200: answer(z.array(keyWire), 'The keys; secret ones in full only with `reveal=true`') },
});

const legacy = createRoute({
  method: 'get',
  path: '/projects/{ref}/api-keys/legacy',
  request: { params: refParams },
  responses: { 200: answer(z.object({ enabled: z.literal(true) }), 'The legacy keys open the project, always') },
});

const get = createRoute({
  method: 'get',
  path: '/projects/{ref}/api-keys/{id}',
  request: { params: refParams.extend({ id: z.string().max(100) }), query },
  responses: { 200: answer(keyWire, 'One key; a secret one in full only with `reveal=true`') },
});

/** Keys of a project (`/v1/projects/{ref}/api-keys`). */
export const apiKeys = createRouter()
  .openapi(list, async (c) => {
    const { reveal } = c.req.valid('query');
    const keys = await listApiKeys(ctxOf(c), { ref: c.req.valid('param').ref, reveal });
    c.header('Cache-Control', 'no-store');
    return c.json(keys.map(toWire), 200);
  })
  .openapi(legacy, async (c) => {
    await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
    return c.json({ enabled: true }, 200);
  })
  .openapi(get, async (c) => {
    const key = await findApiKey(ctxOf(c), { ...c.req.valid('param'), ...c.req.valid('query') });
    c.header('Cache-Control', 'no-store');
    return c.json(toWire(key), 200);
  });

function toWire(key: ApiKey): z.infer<typeof keyWire> {
  return {
    id: key.id,
    name: key.name,
    type: key.type,
    description: key.description,
    prefix: key.prefix,
    hash: key.hash,
    // Studio shows the first letters of an opaque key that it may not see; a legacy one has none that tell anything
    api_key: key.key ?? (key.prefix === null ? null : `${key.prefix}${'·'.repeat(24)}`),
    secret_jwt_template: key.type === 'secret' ? { role: key.role } : null,
    inserted_at: isoTime(key.createdAt),
    updated_at: isoTime(key.createdAt),
  };
}
