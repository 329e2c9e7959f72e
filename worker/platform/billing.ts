import { createRoute, z } from '@hono/zod-openapi';
import { requireMember } from '../access/require-member.ts';
import { answer, emptyList } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { slugParams } from '../http/wire/params.ts';
import { isoTime } from '../projects/iso-time.ts';

const subscriptionWire = z.object({
  plan: z.object({ id: z.literal('enterprise'), name: z.string() }),
  usage_billing_enabled: z.boolean(),
  billing_via_partner: z.boolean(),
  billing_cycle_anchor: z.number(),
  current_period_start: z.number(),
  current_period_end: z.number(),
  next_invoice_at: z.number(),
  customer_balance: z.number(),
  payment_method_type: z.string(),
  scheduled_plan_change: z.null(),
  addons: emptyList,
  project_addons: emptyList,
});

const subscription = createRoute({
  method: 'get',
  path: '/organizations/{slug}/billing/subscription',
  request: { params: slugParams },
  responses: { 200: answer(subscriptionWire, 'The plan without prices that every organization has') },
});

const upcomingWire = z.object({
  amount_total: z.number(),
  amount_projected: z.number(),
  billing_cycle_start: z.string(),
  billing_cycle_end: z.string(),
  currency: z.string(),
  customer_balance: z.number(),
  lines: emptyList,
  subscription_id: z.string(),
});

const upcoming = createRoute({
  method: 'get',
  path: '/organizations/{slug}/billing/invoices/upcoming',
  request: { params: slugParams },
  responses: { 200: answer(upcomingWire, 'What this month costs: nothing') },
});

const invoices = createRoute({
  method: 'get',
  path: '/organizations/{slug}/billing/invoices',
  request: { params: slugParams },
  responses: { 200: answer(emptyList, 'None: nothing is billed. `X-Total-Count` says how many there are') },
});

const freeLimit = createRoute({
  method: 'get',
  path: '/organizations/{slug}/members/reached-free-project-limit',
  request: { params: slugParams },
  responses: { 200: answer(emptyList, 'None: there is no limit to projects') },
});

/** What Studio's billing parts need to know: nothing costs anything here, nothing is capped, nothing renews. */
export const billing = createRouter()
  .openapi(subscription, async (c) => {
    const ctx = ctxOf(c);
    await requireMember(ctx, c.req.valid('param').slug, 'organization:read');
    const month = monthOf(ctx.deps.clock.now());
    return c.json(
      {
        plan: { id: 'enterprise', name: 'Self-hosted' },
        // nothing is charged, and nothing capped: otherwise Studio says that projects may become unresponsive
        usage_billing_enabled: true,
        billing_via_partner: false,
        billing_cycle_anchor: month.start,
        current_period_start: month.start,
        current_period_end: month.end,
        next_invoice_at: month.end,
        customer_balance: 0,
        payment_method_type: 'none',
        scheduled_plan_change: null,
        addons: [],
        project_addons: [],
      },
      200,
    );
  })
  .openapi(upcoming, async (c) => {
    const ctx = ctxOf(c);
    await requireMember(ctx, c.req.valid('param').slug, 'organization:read');
    const month = monthOf(ctx.deps.clock.now());
    return c.json(
      {
        amount_total: 0,
        amount_projected: 0,
        billing_cycle_start: isoTime(month.start * 1000),
        billing_cycle_end: isoTime(month.end * 1000),
        // of nothing, in the unit that Studio prints
        currency: 'USD',
        customer_balance: 0,
        lines: [],
        subscription_id: '',
      },
      200,
    );
  })
  .openapi(invoices, async (c) => {
    await requireMember(ctxOf(c), c.req.valid('param').slug, 'organization:read');
    c.header('X-Total-Count', '0');
    return c.json([], 200);
  })
  .openapi(freeLimit, async (c) => {
    await requireMember(ctxOf(c), c.req.valid('param').slug, 'organization:read');
    return c.json([], 200);
  });

/** The calendar month, UTC, in seconds since the epoch: the period over which Studio's usage page looks. */
function monthOf(nowMs: number): { start: number; end: number } {
  const now = new Date(nowMs);
  const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  return { start: start / 1000, end: end / 1000 };
}
