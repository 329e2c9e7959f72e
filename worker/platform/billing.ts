import { createRoute, z } from '@hono/zod-openapi';
import { requireMember } from '../access/require-member.ts';
import { answer, emptyList } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { slugParams } from '../http/wire/params.ts';

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

/** What Studio's billing parts need to know: nothing costs anything here, nothing is capped, nothing renews. */
export const billing = createRouter().openapi(subscription, async (c) => {
  const ctx = ctxOf(c);
  await requireMember(ctx, c.req.valid('param').slug, 'organization:read');
  const month = monthOf(ctx.deps.clock.now());
  return c.json(
    {
      plan: { id: 'enterprise', name: 'Self-hosted' },
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
});

/** The calendar month, UTC, in seconds since the epoch: the period over which Studio's usage page looks. */
function monthOf(nowMs: number): { start: number; end: number } {
  const now = new Date(nowMs);
  const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  return { start: start / 1000, end: end / 1000 };
}
