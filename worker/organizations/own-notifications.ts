import { z } from 'zod';
import { requireAccount } from '../access/require-account.ts';
import type { Actor, Ctx } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { NotificationFilter, NotificationRow, NotificationStatus } from '../store/notifications.ts';

export type Notification = Omit<NotificationRow, 'data'> & { data: Record<string, unknown> };
export type Unread = { count: number; hasWarning: boolean; hasCritical: boolean };

const storedData = z.record(z.string(), z.unknown());

/** A page of what the actor was told, the newest first. Errors: `unauthenticated`, `forbidden` for narrow tokens. */
export async function ownNotifications(
  ctx: Ctx,
  input: { filter: NotificationFilter; limit: number; offset: number },
): Promise<Notification[]> {
  const { clock, store } = ctx.deps;
  const { filter, ...page } = input;
  const found = await store.notifications.notifications(ctx.credential, filter, page, clock.now());
  requireWhole(found.actor);
  return found.notifications.map(toNotification);
}

/** How much of it the actor has not seen. Errors as above. */
export async function unreadNotifications(ctx: Ctx): Promise<Unread> {
  const { actor, counts } = await ctx.deps.store.notifications.unread(ctx.credential, ctx.deps.clock.now());
  requireWhole(actor);
  const { Critical = 0, Warning = 0, Info = 0 } = counts;
  return { count: Critical + Warning + Info, hasCritical: Critical > 0, hasWarning: Warning > 0 };
}

/** Marks some of them; ids of others are passed over. Errors as above. */
export async function markNotifications(
  ctx: Ctx,
  statuses: readonly { id: string; status: NotificationStatus }[],
): Promise<Notification[]> {
  requireWhole(await requireAccount(ctx));
  return (await ctx.deps.store.notifications.setStatuses(ctx.credential, statuses)).map(toNotification);
}

/** Puts all of them away. Errors as above. */
export async function archiveNotifications(ctx: Ctx): Promise<void> {
  requireWhole(await requireAccount(ctx));
  await ctx.deps.store.notifications.archiveAll(ctx.credential);
}

function toNotification({ data, ...row }: NotificationRow): Notification {
  return { ...row, data: storedData.parse(JSON.parse(data)) };
}

/** They tell of all organizations of the account, which no token with limits is for. */
function requireWhole(actor: Actor): void {
  if (actor.permissions === null) return;
  throw new AppError('forbidden', 'The permissions of this access token do not allow to read notifications');
}
