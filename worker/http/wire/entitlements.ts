import { z } from '@hono/zod-openapi';

/** Every feature Studio asks about, by the kind of value it expects. A key that is missing counts as refused. */
const flags = [
  'instances.read_replicas',
  'instances.disk_modifications',
  'instances.high_availability',
  'instances.orioledb',
  'replication.etl',
  'storage.max_file_size.configurable',
  'storage.image_transformations',
  'storage.vector_buckets',
  'storage.iceberg_catalog',
  'security.questionnaire',
  'security.soc2_report',
  'security.private_link',
  'security.enforce_mfa',
  'custom_domain',
  'vanity_subdomain',
  'ipv4',
  'log_drains',
  'branching_persistent',
  'auth.mfa_phone',
  'auth.mfa_web_authn',
  'auth.mfa_enhanced_security',
  'auth.platform.sso',
  'auth.custom_jwt_template',
  'auth.saml_2',
  'auth.user_sessions',
  'auth.leaked_password_protection',
  'auth.advanced_auth_settings',
  'auth.performance_settings',
  'auth.password_hibp',
  'backup.restore_to_new_project',
  'project_scoped_roles',
  'project_pausing',
  'project_cloning',
  'project_restore_after_expiry',
  'assistant.advance_model',
  'integrations.github_connections',
  'dedicated_pooler',
] as const;

const numbers = {
  'storage.max_file_size': 'bytes',
  'security.audit_logs_days': 'days',
  'log.retention_days': 'days',
  branching_limit: 'branches',
  'backup.retention_days': 'days',
  'function.max_count': 'functions',
  'function.size_limit_mb': 'MB',
  'realtime.max_concurrent_users': 'users',
  'realtime.max_events_per_second': 'events',
  'realtime.max_joins_per_second': 'joins',
  'realtime.max_channels_per_client': 'channels',
  'realtime.max_bytes_per_second': 'bytes',
  'realtime.max_presence_events_per_second': 'events',
  'realtime.max_payload_size_in_kb': 'KB',
} as const;

const sets = {
  'instances.compute_update_available_sizes': ['ci_micro'],
  'pitr.available_variants': [],
  'auth.hooks': [
    'HOOK_SEND_SMS',
    'HOOK_SEND_EMAIL',
    'HOOK_CUSTOM_ACCESS_TOKEN',
    'HOOK_MFA_VERIFICATION_ATTEMPT',
    'HOOK_PASSWORD_VERIFICATION_ATTEMPT',
    'HOOK_BEFORE_USER_CREATED',
  ],
  'security.member_roles': ['owner', 'administrator', 'developer', 'read_only'],
  'observability.dashboard_advanced_metrics': ['database'],
} as const;

const kind = z.enum(['boolean', 'numeric', 'set']);
const entitlementWire = z.object({
  feature: z.object({ key: z.string(), type: kind }),
  hasAccess: z.boolean(),
  type: kind,
  config: z.union([
    z.object({ enabled: z.boolean(), unit: z.string(), unlimited: z.boolean(), value: z.number() }),
    z.object({ enabled: z.boolean(), set: z.array(z.string()) }),
    z.object({ enabled: z.boolean() }),
  ]),
});

export const entitlementsWire = z.object({ entitlements: z.array(entitlementWire) });

/** There is no plan here that sells features: all are granted, and what is missing says so when it is asked for. */
export const entitlements: z.infer<typeof entitlementWire>[] = [
  ...flags.map((key) => ({
    feature: { key, type: 'boolean' as const },
    hasAccess: true,
    type: 'boolean' as const,
    config: { enabled: true },
  })),
  ...Object.entries(numbers).map(([key, unit]) => ({
    feature: { key, type: 'numeric' as const },
    hasAccess: true,
    type: 'numeric' as const,
    config: { enabled: true, unit, unlimited: true, value: Number.MAX_SAFE_INTEGER },
  })),
  ...Object.entries(sets).map(([key, set]) => ({
    feature: { key, type: 'set' as const },
    hasAccess: true,
    type: 'set' as const,
    config: { enabled: true, set: [...set] },
  })),
];
