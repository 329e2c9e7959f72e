import { createRoute, z } from '@hono/zod-openapi';
import { projectRef } from '../../schema/ids.ts';
import { auditEntriesWithin, type ListedEntry, ownAuditEntriesWithin } from '../audit/list-entries.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { slugParams } from '../http/wire/params.ts';
import { isoTime } from '../projects/iso-time.ts';

const time = z.iso.datetime({ offset: true });
/** Some Studios send none: then it is the last day. */
const range = z.object({ iso_timestamp_start: time.optional(), iso_timestamp_end: time.optional() });
const detail = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const storedDetails = z.record(z.string(), detail);

/** Studios differ in what they read of an entry: each finds its own members here, and none a figure nobody recorded. */
const entryWire = z.object({
  request_id: z.string(),
  occurred_at: z.string(),
  /** microseconds since the epoch */
  timestamp: z.number(),
  organization_slug: z.string().optional(),
  project_ref: z.string().optional(),
  action: z.object({
    name: z.string(),
    method: z.string().optional(),
    route: z.string().optional(),
    metadata: z.array(z.record(z.string(), detail)),
  }),
  actor: z.object({
    id: z.string(),
    type: z.string(),
    user_id: z.string().optional(),
    email: z.string().optional(),
    token_type: z.string().optional(),
    ip: z.string().optional(),
    metadata: z.array(z.record(z.string(), z.string())),
  }),
  target: z.object({
    description: z.string(),
    metadata: z.object({
      org_slug: z.string().optional(),
      project_ref: z.string().optional(),
      /** what the filter by project looks at */
      ref: z.string().optional(),
    }),
  }),
});
const logWire = z.object({ result: z.array(entryWire), retention_period: z.number() });

const ofOrganization = createRoute({
  method: 'get',
  path: '/organizations/{slug}/audit',
  request: { params: slugParams, query: range },
  responses: { 200: answer(logWire, 'Who did what in the organization, newest first') },
});

const ofAccount = createRoute({
  method: 'get',
  path: '/profile/audit',
  request: { query: range },
  responses: { 200: answer(logWire, 'What the account did, newest first') },
});

/** Studio's audit log pages. */
export const auditLogs = createRouter()
  .openapi(ofOrganization, async (c) => {
    const { slug: organization } = c.req.valid('param');
    const entries = await auditEntriesWithin(ctxOf(c), {
      organization,
      ...rangeOf(c.req.valid('query'), c.get('deps').clock.now()),
    });
    return c.json(toWire(entries, c.get('deps').config.auditRetentionDays), 200);
  })
  .openapi(ofAccount, async (c) => {
    const entries = await ownAuditEntriesWithin(ctxOf(c), rangeOf(c.req.valid('query'), c.get('deps').clock.now()));
    return c.json(toWire(entries, c.get('deps').config.auditRetentionDays), 200);
  });

const dayMs = 24 * 60 * 60 * 1000;

function rangeOf({ iso_timestamp_start: start, iso_timestamp_end: end }: z.infer<typeof range>, now: number) {
  const until = end === undefined ? now : Date.parse(end);
  return { since: start === undefined ? until - dayMs : Date.parse(start), until };
}

/** In days. Where all is kept: further back than there can be an entry. */
const everDays = 36_500;

function toWire(entries: ListedEntry[], retentionDays: number | null): z.infer<typeof logWire> {
  return { result: entries.map(entryToWire), retention_period: retentionDays ?? everDays };
}

function entryToWire(entry: ListedEntry): z.infer<typeof entryWire> {
  const { target, actorId, actorKind, actorEmail, address, credential, organizationSlug } = entry;
  const [method, route] = entry.route?.split(' ') ?? [];
  const email = actorEmail === null ? {} : { email: actorEmail };
  const ip = address === null ? {} : { ip: address };
  const organization = organizationSlug === null ? {} : { org_slug: organizationSlug };
  const isProject = projectRef.safeParse(target).success && target !== organizationSlug;
  const project = isProject ? { project_ref: target } : {};
  return {
    request_id: entry.requestId,
    occurred_at: isoTime(entry.at),
    timestamp: entry.at * 1000,
    ...(organizationSlug !== null && { organization_slug: organizationSlug }),
    ...project,
    action: {
      name: entry.action,
      ...(method !== undefined && { method }),
      ...(route !== undefined && { route }),
      metadata: [
        {
          ...(method !== undefined && { method }),
          ...(route !== undefined && { route }),
          ...storedDetails.parse(JSON.parse(entry.details)),
        },
      ],
    },
    actor: {
      id: actorId,
      type: actorKind === 'account' ? 'user' : actorKind,
      ...(actorKind === 'account' && { user_id: actorId }),
      ...email,
      ...(credential !== null && { token_type: credential }),
      ...ip,
      metadata: [{ ...email, ...ip, ...(credential !== null && { token_type: credential }) }],
    },
    target: { description: target, metadata: { ...organization, ...project, ...(isProject && { ref: target }) } },
  };
}
