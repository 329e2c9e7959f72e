import { refusedManagement } from './absent-management.ts';
import { refused } from './absent-refused.ts';
import { refusedProject } from './absent-refused-project.ts';

export type AbsentRow = {
  /** `GET /platform/…`, with the path as OpenAPI writes it */
  route: string;
  /** an answer that is true without the capability, or null: refused as `not_available`, naming `until` */
  answer: { status: 200 | 201; body: unknown } | null;
  /** the capability that will serve it */
  until: string;
};

/** Capabilities that are still to come; the rows of the table name the one that will serve them. */
export const laterCapabilities = [
  'API keys and secrets',
  'JWT signing keys',
  'OAuth apps',
  'advisor exceptions',
  'backups',
  'connection pooling',
  'custom domains',
  'database migrations and generated types',
  'deploying functions',
  'disk sizes',
  'integrations',
  'just-in-time database access',
  'log drains',
  'logs',
  "managing a project's users and auth settings",
  'metrics',
  'network restrictions',
  'platform apps',
  'preview branches',
  'project settings',
  'project transfers',
  'read replicas',
  'replication pipelines',
  'saved content',
  'single sign-on',
  'storage',
  'third-party auth',
] as const;

/** What Studio asks and this product does not have yet. A route that gets served loses its row here. */
export const absent: AbsentRow[] = [
  empty('billing', 'GET /platform/stripe/invoices/overdue', []),
  empty('billing', 'GET /platform/organizations/{slug}/payments', { data: [], defaultPaymentMethodId: null }),
  empty('billing', 'GET /platform/organizations/{slug}/tax-ids', { tax_id: null }),
  empty('metrics', 'GET /platform/organizations/{slug}/usage', { usage_billing_enabled: true, usages: [] }),
  empty('metrics', 'GET /platform/organizations/{slug}/usage/daily', { usages: [] }),
  empty('metrics', 'GET /platform/projects/{ref}/analytics/endpoints/usage.api-counts', { result: [] }),
  empty('metrics', 'GET /platform/projects/{ref}/analytics/endpoints/usage.api-requests-count', { result: [] }),
  empty('integrations', 'GET /platform/integrations', []),
  empty('integrations', 'GET /platform/integrations/{slug}', []),
  empty('integrations', 'GET /platform/integrations/github/connections', { connections: [] }),
  empty('OAuth apps', 'GET /platform/organizations/{slug}/oauth/apps', []),
  empty('platform apps', 'GET /platform/organizations/{slug}/apps', { apps: [] }),
  empty('platform apps', 'GET /platform/organizations/{slug}/apps/installations', { installations: [] }),
  empty('saved content', 'GET /platform/projects/{ref}/content', { data: [] }),
  empty('saved content', 'GET /platform/projects/{ref}/content/folders', { data: { folders: [], contents: [] } }),
  empty('saved content', 'GET /platform/projects/{ref}/content/count', { favorites: 0, private: 0, shared: 0 }),
  empty('log drains', 'GET /platform/projects/{ref}/analytics/log-drains', []),
  empty('advisor exceptions', 'GET /platform/projects/{ref}/notifications/advisor/exceptions', { exceptions: [] }),
  empty('replication pipelines', 'GET /platform/replication/{ref}/destinations', { destinations: [] }),
  empty('replication pipelines', 'GET /platform/replication/{ref}/pipelines', { pipelines: [] }),
  empty('replication pipelines', 'GET /platform/replication/{ref}/sources', { sources: [] }),
  empty('private links', 'GET /platform/projects/{ref}/privatelink/associations', { private_link_associations: [] }),
  empty('API keys and secrets', 'GET /platform/projects/{ref}/config/secrets/update-status', { update_status: null }),
  empty('third-party auth', 'GET /v1/projects/{ref}/config/auth/third-party-auth', []),
  empty('network restrictions', 'POST /v1/projects/{ref}/network-bans/retrieve', { banned_ipv4_addresses: [] }, 201),
  // Studio tries another status three times more and then says that nothing was found
  { route: 'GET /platform/projects/{ref}/analytics/endpoints/logs.all', until: 'logs', answer: noLogs(200) },
  { route: 'POST /platform/projects/{ref}/analytics/endpoints/logs.all', until: 'logs', answer: noLogs(201) },
  ...[refused, refusedProject, refusedManagement]
    .flatMap(Object.entries<readonly string[]>)
    .flatMap(([until, list]) => list.map((route) => ({ route, answer: null, until }))),
];

/** The list is empty because nothing that could be in it exists here. */
function empty(until: string, route: string, body: unknown, status: 200 | 201 = 200): AbsentRow {
  return { route, until, answer: { status, body } };
}

/** A query that failed, as the log service says it. */
function noLogs(status: 200 | 201): AbsentRow['answer'] {
  return { status, body: { error: 'Not available in this version: logs' } };
}
