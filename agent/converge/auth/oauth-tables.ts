import type { ServiceTable } from '../service-table.ts';

const limitedUrls = ['issuer', 'discovery_url', 'authorization_url', 'token_url', 'userinfo_url', 'jwks_uri'];

/** The auth service as an OAuth server (clients, authorizations, consents) and as a client of custom providers. */
export const oauthTables: ServiceTable[] = [
  {
    name: 'auth.oauth_clients',
    sql: `
create table auth.oauth_clients (
  id uuid primary key,
  client_secret_hash text,
  registration_type auth.oauth_registration_type not null,
  redirect_uris text not null,
  grant_types text not null,
  client_name text,
  client_uri text,
  logo_uri text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  client_type auth.oauth_client_type not null default 'confidential',
  token_endpoint_auth_method text not null
    check (token_endpoint_auth_method in ('client_secret_basic', 'client_secret_post', 'none')),
  ${lengths('oauth_clients', { client_name: 1024, client_uri: 2048, logo_uri: 2048 })}
);
create index oauth_clients_deleted_at_idx on auth.oauth_clients (deleted_at);`,
  },
  {
    name: 'auth.oauth_authorizations',
    sql: `
create table auth.oauth_authorizations (
  id uuid primary key,
  authorization_id text not null unique,
  client_id uuid not null references auth.oauth_clients (id) on delete cascade,
  user_id uuid references auth.users (id) on delete cascade,
  redirect_uri text not null,
  scope text not null,
  state text,
  resource text,
  code_challenge text,
  code_challenge_method auth.code_challenge_method,
  response_type auth.oauth_response_type not null default 'code',
  status auth.oauth_authorization_status not null default 'pending',
  authorization_code text unique,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default (now() + interval '3 minutes'),
  approved_at timestamptz,
  nonce text,
  constraint oauth_authorizations_expires_at_future check (expires_at > created_at),
  ${lengths('oauth_authorizations', {
    redirect_uri: 2048,
    scope: 4096,
    state: 4096,
    resource: 2048,
    code_challenge: 128,
    authorization_code: 255,
    nonce: 255,
  })}
);
create index oauth_auth_pending_exp_idx on auth.oauth_authorizations (expires_at) where status = 'pending';`,
  },
  {
    name: 'auth.oauth_consents',
    sql: `
create table auth.oauth_consents (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  client_id uuid not null references auth.oauth_clients (id) on delete cascade,
  scopes text not null,
  granted_at timestamptz not null default now(),
  revoked_at timestamptz,
  constraint oauth_consents_user_client_unique unique (user_id, client_id),
  constraint oauth_consents_scopes_not_empty check (char_length(trim(scopes)) > 0),
  constraint oauth_consents_revoked_after_granted check (revoked_at is null or revoked_at >= granted_at),
  ${lengths('oauth_consents', { scopes: 2048 })}
);
create index oauth_consents_active_user_client_idx on auth.oauth_consents (user_id, client_id)
  where revoked_at is null;
create index oauth_consents_user_order_idx on auth.oauth_consents (user_id, granted_at desc);
create index oauth_consents_active_client_idx on auth.oauth_consents (client_id) where revoked_at is null;`,
  },
  {
    name: 'auth.oauth_client_states',
    sql: `
create table auth.oauth_client_states (
  id uuid primary key, provider_type text not null, code_verifier text, created_at timestamptz not null
);
create index idx_oauth_client_states_created_at on auth.oauth_client_states (created_at);
comment on table auth.oauth_client_states is 'Stores OAuth states for third-party provider authentication flows '
  'where Supabase acts as the OAuth client.';`,
  },
  {
    name: 'auth.custom_oauth_providers',
    sql: `
create table auth.custom_oauth_providers (
  id uuid primary key default gen_random_uuid(),
  provider_type text not null check (provider_type in ('oauth2', 'oidc')),
  identifier text not null constraint custom_oauth_providers_identifier_key unique
    constraint custom_oauth_providers_identifier_format check (identifier ~ '^[a-z0-9][a-z0-9:-]{0,48}[a-z0-9]$'),
  name text not null
    constraint custom_oauth_providers_name_length check (char_length(name) >= 1 and char_length(name) <= 100),
  client_id text not null constraint custom_oauth_providers_client_id_length
    check (char_length(client_id) >= 1 and char_length(client_id) <= 512),
  client_secret text not null,
  acceptable_client_ids text[] not null default '{}',
  scopes text[] not null default '{}',
  pkce_enabled boolean not null default true,
  attribute_mapping jsonb not null default '{}',
  authorization_params jsonb not null default '{}',
  enabled boolean not null default true,
  email_optional boolean not null default false,
  issuer text,
  discovery_url text,
  skip_nonce_check boolean not null default false,
  cached_discovery jsonb,
  discovery_cached_at timestamptz,
  authorization_url text,
  token_url text,
  userinfo_url text,
  jwks_uri text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  custom_claims_allowlist text[] not null default '{}',
  constraint custom_oauth_providers_oidc_requires_issuer check (provider_type <> 'oidc' or issuer is not null),
  constraint custom_oauth_providers_oauth2_requires_endpoints check (provider_type <> 'oauth2'
    or (authorization_url is not null and token_url is not null and userinfo_url is not null)),
  ${limitedUrls.map(urlChecks).join(',\n  ')}
);
create index custom_oauth_providers_identifier_idx on auth.custom_oauth_providers (identifier);
create index custom_oauth_providers_provider_type_idx on auth.custom_oauth_providers (provider_type);
create index custom_oauth_providers_enabled_idx on auth.custom_oauth_providers (enabled);
create index custom_oauth_providers_created_at_idx on auth.custom_oauth_providers (created_at);`,
  },
];

function lengths(table: string, limits: Record<string, number>): string {
  return Object.entries(limits)
    .map(([column, limit]) => `constraint ${table}_${column}_length check (char_length(${column}) <= ${limit})`)
    .join(',\n  ');
}

/** HTTPS only and at most 2048 characters; the two that only OpenID providers have are checked for those alone. */
function urlChecks(column: string): string {
  const prefix = 'custom_oauth_providers';
  const isOpenId = column === 'issuer' || column === 'discovery_url';
  const https = isOpenId
    ? `${prefix}_oidc_${column}_https check (provider_type <> 'oidc' or ${column} is null or ${column} like 'https://%')`
    : `${prefix}_${column}_https check (${column} is null or ${column} like 'https://%')`;
  const shortest = column === 'issuer' ? 'char_length(issuer) >= 1 and ' : '';
  const length = `${prefix}_${column}_length check (${column} is null or (${shortest}char_length(${column}) <= 2048))`;
  return `constraint ${https},\n  constraint ${length}`;
}
