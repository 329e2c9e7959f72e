import type { LintName } from '../projects/lint-sql.ts';

type LintText = {
  /** of the page in Supabase's documentation */
  number: string;
  title: string;
  level: 'ERROR' | 'WARN' | 'INFO';
  category: 'SECURITY' | 'PERFORMANCE';
  description: string;
  detail(subject: string, info: string): string;
};

/** What Studio shows of each finding. */
export const lintTexts = {
  rls_disabled_in_public: {
    number: '0013',
    title: 'RLS Disabled in Public',
    level: 'ERROR',
    category: 'SECURITY',
    description: 'A table that clients of the data API can read has no row level security, so they can read all of it.',
    detail: (table) => `Table \`${table}\` is exposed, and row level security is not enabled on it.`,
  },
  policy_exists_rls_disabled: {
    number: '0007',
    title: 'Policy Exists RLS Disabled',
    level: 'ERROR',
    category: 'SECURITY',
    description: 'A table has policies that do nothing because row level security is not enabled on it.',
    detail: (table, policies) => `Table \`${table}\` has policies (${policies}) but no row level security.`,
  },
  rls_enabled_no_policy: {
    number: '0008',
    title: 'RLS Enabled No Policy',
    level: 'INFO',
    category: 'SECURITY',
    description: 'A table with row level security has no policy, so clients see none of its rows.',
    detail: (table) => `Table \`${table}\` has row level security and no policy.`,
  },
  auth_users_exposed: {
    number: '0002',
    title: 'Exposed Auth Users',
    level: 'ERROR',
    category: 'SECURITY',
    description: 'A view that clients of the data API can read shows rows of auth.users.',
    detail: (view) => `View \`${view}\` reads auth.users and is exposed.`,
  },
  security_definer_view: {
    number: '0010',
    title: 'Security Definer View',
    level: 'ERROR',
    category: 'SECURITY',
    description: "A view reads with its owner's rights, past the row level security of whoever asks.",
    detail: (view) => `View \`${view}\` is exposed and has no \`security_invoker\`.`,
  },
  function_search_path_mutable: {
    number: '0011',
    title: 'Function Search Path Mutable',
    level: 'WARN',
    category: 'SECURITY',
    description: 'A function finds its names by the search path of whoever calls it.',
    detail: (name, parameters) => `Function \`${name}(${parameters})\` sets no search_path of its own.`,
  },
  extension_in_public: {
    number: '0014',
    title: 'Extension in Public',
    level: 'WARN',
    category: 'SECURITY',
    description: 'An extension lives in the schema public, where its functions are exposed.',
    detail: (extension) => `Extension \`${extension}\` would better live in a schema of its own.`,
  },
  materialized_view_in_api: {
    number: '0016',
    title: 'Materialized View in API',
    level: 'WARN',
    category: 'SECURITY',
    description: 'A materialized view, which can have no row level security, is readable through the data API.',
    detail: (view) => `Materialized view \`${view}\` can be read by anon or authenticated.`,
  },
  foreign_table_in_api: {
    number: '0017',
    title: 'Foreign Table in API',
    level: 'WARN',
    category: 'SECURITY',
    description: 'A foreign table, which can have no row level security, is readable through the data API.',
    detail: (table) => `Foreign table \`${table}\` can be read by anon or authenticated.`,
  },
  no_primary_key: {
    number: '0004',
    title: 'No Primary Key',
    level: 'INFO',
    category: 'PERFORMANCE',
    description: 'A table without a primary key is slow to address row by row.',
    detail: (table) => `Table \`${table}\` has no primary key.`,
  },
  unindexed_foreign_keys: {
    number: '0001',
    title: 'Unindexed foreign keys',
    level: 'INFO',
    category: 'PERFORMANCE',
    description: 'A foreign key without an index over its columns makes deletes and joins slow.',
    detail: (table, key) => `Foreign key \`${key}\` of table \`${table}\` has no index over its columns.`,
  },
} as const satisfies Record<LintName, LintText>;
