import { z } from 'zod';
import { type ServiceReport, serviceReport } from '../../schema/agent-protocol.ts';
import type { ProjectStatus, ServiceName } from '../../schema/project-status.ts';
import { profileServices, shownServices } from '../../schema/stack-profiles.ts';
import type { Project } from './find.ts';
import { statusReason } from './status-reason.ts';

/** The Management API's names of services, and whose report answers for each. */
const healthServices = {
  auth: 'auth',
  db: 'db',
  db_postgres_user: 'db',
  pooler: 'pooler',
  pg_bouncer: 'pooler',
  realtime: 'realtime',
  rest: 'rest',
  storage: 'storage',
} as const satisfies Record<string, ServiceName>;
type HealthService = keyof typeof healthServices;
export const healthServiceNames = [
  'auth',
  'db',
  'db_postgres_user',
  'pooler',
  'pg_bouncer',
  'realtime',
  'rest',
  'storage',
] as const satisfies readonly HealthService[];

type Reported = Parameters<typeof statusReason>[0] & Pick<Project, 'services' | 'hostRuntime' | 'profile'>;

export type ServiceHealth = {
  name: HealthService;
  status: 'COMING_UP' | 'ACTIVE_HEALTHY' | 'UNHEALTHY';
  version: string | null;
  error: string | null;
};

/**
 * How a project's services are, by what its agent last said, and only as long as that still holds. Those that its profile
 * does without are left out.
 */
export function health(project: Reported, names: readonly HealthService[]): ServiceHealth[] {
  const reports = serviceReports(project);
  const asked = names.filter((name) => !isLeftOut(project, healthServices[name]));
  return asked.map((name) => {
    const report = reports.find((each) => each.name === healthServices[name]);
    return { name, version: report?.version ?? null, ...serviceState(project, report) };
  });
}

/** Versions of services as the host last reported them; null: not reported. */
export function serviceVersions(project: Pick<Project, 'services'>): Record<'db' | 'auth' | 'rest', string | null> {
  const reports = serviceReports(project);
  const version = (name: ServiceName) => reports.find((report) => report.name === name)?.version ?? null;
  return { db: version('db'), auth: version('auth'), rest: version('rest') };
}

function serviceReports({ services }: Pick<Project, 'services'>): ServiceReport[] {
  return services === null ? [] : z.array(serviceReport).parse(JSON.parse(services));
}

/** What the embedded runtime cannot run it reports as such, whatever the profile. */
function isLeftOut({ hostRuntime, profile }: Reported, name: ServiceName): boolean {
  return hostRuntime === 'compose' && !profileServices[profile].some((service) => shownServices[service] === name);
}

const onTheWay: readonly ProjectStatus[] = ['COMING_UP', 'RESTORING', 'RESTARTING', 'RESIZING', 'UPGRADING'];
const running: readonly ProjectStatus[] = ['ACTIVE_HEALTHY', 'ACTIVE_UNHEALTHY'];

function serviceState(project: Reported, report: ServiceReport | undefined): Pick<ServiceHealth, 'status' | 'error'> {
  if (report?.status === 'absent')
    return unhealthy(report.error ?? 'The runtime of this host does not run this service');
  if (onTheWay.includes(project.status)) return { status: 'COMING_UP', error: null };
  if (!running.includes(project.status)) {
    return unhealthy(statusReason(project) ?? `The project is ${project.status}`);
  }
  if (report === undefined) return unhealthy('The host reports nothing of this service');
  switch (report.status) {
    case 'healthy':
      return { status: 'ACTIVE_HEALTHY', error: null };
    case 'starting':
      return { status: 'COMING_UP', error: null };
    case 'unhealthy':
    case 'stopped':
      return unhealthy(report.error ?? statusReason(project) ?? `The service is ${report.status}`);
    default:
      return report.status satisfies never;
  }
}

function unhealthy(error: string): Pick<ServiceHealth, 'status' | 'error'> {
  return { status: 'UNHEALTHY', error };
}
