import type { Project } from '../../client/contract/projects.ts';
import type { ProjectStatus } from '../../schema/project-status.ts';
import type { Colors } from '../cli.ts';
import { type Column, fields } from '../table.ts';

/** Columns of a list of projects. */
export const projectColumns: Column<Project>[] = [
  { title: 'REF', value: ({ ref }) => ref },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'STATUS', value: ({ status }) => status, paint: ({ status }, colors) => statusColor(status, colors) },
  { title: 'ORGANIZATION', value: ({ organization }) => organization },
  { title: 'REGION', value: ({ region }) => region },
  { title: 'API', value: ({ url }) => url },
];

/** One project, for people. */
export function projectText(project: Project, colors: Colors): string {
  return fields(
    [
      ['Ref', project.ref],
      ['Name', project.name],
      ['Organization', project.organization],
      ['Status', project.status],
      ['Reason', project.statusReason],
      ['Region', project.region],
      ['Size', project.size],
      ['Profile', project.profile],
      ['Release', project.release],
      ['Postgres', project.postgresVersion],
      ['API', project.url],
      ['Database', `${project.database.host}:${project.database.port}`],
      ['Drift', project.drift.length === 0 ? null : project.drift.join('; ')],
      ['Created', project.createdAt],
    ],
    colors,
  );
}

/** Green: up. Red: failed. Yellow: on the way, or not known. */
function statusColor(status: ProjectStatus, colors: Colors): (text: string) => string {
  switch (status) {
    case 'ACTIVE_HEALTHY':
      return colors.green;
    case 'INACTIVE':
    case 'REMOVED':
      return colors.dim;
    case 'ACTIVE_UNHEALTHY':
    case 'INIT_FAILED':
    case 'PAUSE_FAILED':
    case 'RESTORE_FAILED':
      return colors.red;
    default:
      return colors.yellow;
  }
}
