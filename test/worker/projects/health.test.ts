import { describe, expect, test } from 'vitest';
import type { ServiceReport } from '../../../schema/agent-protocol.ts';
import type { ProjectStatus } from '../../../schema/project-status.ts';
import { health } from '../../../worker/projects/health.ts';

const report = (changes: Partial<ServiceReport>): ServiceReport => ({
  name: 'db',
  status: 'healthy',
  version: '17.6',
  error: null,
  ...changes,
});

function project(status: ProjectStatus, reports: ServiceReport[], reason: string | null = null) {
  const services = JSON.stringify(reports);
  const power = status === 'INACTIVE' ? ('paused' as const) : ('running' as const);
  const host = { hostReportedAt: 1_800_000_000_000, hostRevokedAt: null };
  const stack = { hostRuntime: 'embedded' as const, profile: 'standard' as const };
  return { status, services, reason, power, firstPort: 20_000, ...host, ...stack, phase: null };
}

type Row = [situation: string, project: Parameters<typeof health>[0], status: string, error: RegExp | null];
const table: Row[] = [
  ['healthy', project('ACTIVE_HEALTHY', [report({})]), 'ACTIVE_HEALTHY', null],
  ['still starting', project('ACTIVE_UNHEALTHY', [report({ status: 'starting' })]), 'COMING_UP', null],
  [
    'down, with its own words',
    project('ACTIVE_UNHEALTHY', [report({ status: 'unhealthy', error: 'no disk' })]),
    'UNHEALTHY',
    /no disk/,
  ],
  [
    'stopped, with the project’s words',
    project('ACTIVE_UNHEALTHY', [report({ status: 'stopped' })], 'killed'),
    'UNHEALTHY',
    /killed/,
  ],
  ['not reported', project('ACTIVE_HEALTHY', []), 'UNHEALTHY', /reports nothing/],
  ['not run by this runtime', project('ACTIVE_HEALTHY', [report({ status: 'absent' })]), 'UNHEALTHY', /does not run/],
  [
    'not run by this runtime, while starting',
    project('COMING_UP', [report({ status: 'absent' })]),
    'UNHEALTHY',
    /does not run/,
  ],
  ['said to be healthy before the resize', project('RESIZING', [report({})]), 'COMING_UP', null],
  ['said to be healthy before the restart', project('RESTARTING', [report({})]), 'COMING_UP', null],
  ['said to be healthy before the host fell silent', project('UNKNOWN', [report({})]), 'UNHEALTHY', /last reported/],
  ['said to be healthy before the pause', project('INACTIVE', [report({})]), 'UNHEALTHY', /INACTIVE/],
  ['of a project that failed', project('INIT_FAILED', [], 'initdb is missing'), 'UNHEALTHY', /initdb is missing/],
];

describe('the health of a service', () => {
  test.each(table)('that is %s', (_, input, status, error) => {
    const [found] = health(input, ['db']);
    expect(found?.status).toBe(status);
    if (error === null) expect(found?.error).toBeNull();
    else expect(found?.error).toMatch(error);
  });

  test('that the profile does without is not answered for, where containers make the stack', () => {
    const names = ['auth', 'db', 'pg_bouncer', 'pooler', 'realtime', 'rest', 'storage'] as const;
    const of = (profile: 'minimal' | 'standard' | 'full') =>
      health({ ...project('ACTIVE_HEALTHY', []), hostRuntime: 'compose', profile }, names).map(({ name }) => name);
    expect(of('minimal')).toEqual(['auth', 'db', 'rest']);
    expect(of('standard')).toEqual(['auth', 'db', 'realtime', 'rest', 'storage']);
    expect(of('full')).toEqual(names);
  });

  test('is answered for each name that was asked', () => {
    const names = ['pooler', 'db', 'db_postgres_user'] as const;
    const found = health(project('ACTIVE_HEALTHY', [report({})]), names);
    expect(found.map(({ name, status }) => [name, status])).toEqual([
      ['pooler', 'UNHEALTHY'],
      ['db', 'ACTIVE_HEALTHY'],
      ['db_postgres_user', 'ACTIVE_HEALTHY'],
    ]);
  });
});
