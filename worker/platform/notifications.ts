import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { listWindow } from '../http/wire/params.ts';
import {
  archiveNotifications,
  markNotifications,
  type Notification,
  ownNotifications,
  unreadNotifications,
} from '../organizations/own-notifications.ts';
import { isoTime } from '../projects/iso-time.ts';

const status = z.enum(['new', 'seen', 'archived']);
const priority = z.enum(['Critical', 'Warning', 'Info']);

const notificationWire = z.object({
  id: z.string(),
  name: z.string(),
  priority: z.string(),
  status: z.string(),
  data: z.record(z.string(), z.unknown()),
  meta: z.null(),
  inserted_at: z.string(),
});

/** `new,seen`, or one after the other */
const words = z
  .union([z.string().max(1000), z.array(z.string().max(1000)).max(100)])
  .default('')
  .transform((given) => [given].flat().flatMap((text) => text.split(',').filter((word) => word !== '')));

const list = createRoute({
  method: 'get',
  path: '/notifications',
  request: {
    query: listWindow(20).extend({
      status: words.pipe(z.array(status)),
      priority: words.pipe(z.array(priority)),
      org_slug: words,
      project_ref: words,
    }),
  },
  responses: { 200: answer(z.array(notificationWire), 'What the account was told, the newest first') },
});

const update = createRoute({
  method: 'patch',
  path: '/notifications',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.array(z.object({ id: z.uuid(), status })).max(1000) } },
    },
  },
  responses: { 200: answer(z.array(notificationWire), 'Those of them that are the account’s, as they are now') },
});

const archiveAll = createRoute({
  method: 'patch',
  path: '/notifications/archive-all',
  responses: { 200: { description: 'All are put away' } },
});

const summary = createRoute({
  method: 'get',
  path: '/notifications/summary',
  responses: {
    200: answer(
      z.object({ unread_count: z.number(), has_warning: z.boolean(), has_critical: z.boolean() }),
      'How much of it the account has not seen',
    ),
  },
});

/** Studio's bell (`/platform/notifications`): the caller's own. */
export const notifications = createRouter()
  .openapi(list, async (c) => {
    const { limit, offset, ...query } = c.req.valid('query');
    const filter = {
      statuses: query.status,
      priorities: query.priority,
      organizations: query.org_slug,
      projects: query.project_ref,
    };
    return c.json((await ownNotifications(ctxOf(c), { filter, limit, offset })).map(toWire), 200);
  })
  .openapi(update, async (c) => c.json((await markNotifications(ctxOf(c), c.req.valid('json'))).map(toWire), 200))
  .openapi(archiveAll, async (c) => {
    await archiveNotifications(ctxOf(c));
    return c.body(null, 200);
  })
  .openapi(summary, async (c) => {
    const { count, hasWarning, hasCritical } = await unreadNotifications(ctxOf(c));
    return c.json({ unread_count: count, has_warning: hasWarning, has_critical: hasCritical }, 200);
  });

function toWire({ id, name, priority, status, data, createdAt }: Notification): z.infer<typeof notificationWire> {
  return { id, name, priority, status, data, meta: null, inserted_at: isoTime(createdAt) };
}
