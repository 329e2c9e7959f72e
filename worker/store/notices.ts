import { change } from './change.ts';
import type { Statement } from './db.ts';
import type { Condition } from './member-guard.ts';

/** What somebody is told in Studio's bell. */
export type Notice = {
  /** the kind of event */
  name: string;
  priority: 'Critical' | 'Warning' | 'Info';
  organizationSlug: string | null;
  title: string;
  /** Markdown: what people typed goes through `asMarkdownText` */
  message: string;
};

/** Tells accounts, under a condition: joins the batch of the event itself. `to` is a condition on accounts. */
export function notify(
  notice: Notice & { id: string; at: number },
  to: Condition,
): Statement<{ rowsAffected: number }> {
  return change(
    `insert into notifications (id, account_id, name, priority, organization_slug, data, created_at)
     select ?, id, ?, ?, ?, ?, ? from accounts where disabled_at is null and ${to.sql}`,
    [notice.id, notice.name, notice.priority, notice.organizationSlug, dataOf(notice), notice.at, ...to.args],
  );
}

function dataOf({ title, message, organizationSlug }: Notice): string {
  return JSON.stringify({ title, message, org_slug: organizationSlug, actions: [] });
}
