import { join } from 'node:path';
import { writeWhole } from '../agent/write-whole.ts';
import type { RunningAgent } from './agent.ts';
import type { LauncherConfig } from './config.ts';
import { writeDevFile } from './dev-file.ts';
import type { FirstAccount } from './first-account.ts';
import type { FirstProject } from './first-project.ts';
import type { Steps } from './steps.ts';

/** The last lines of a start, and the files in which clients find the same. */
export async function writeSummary(options: {
  config: LauncherConfig;
  account: FirstAccount;
  agent: RunningAgent;
  project: FirstProject | null;
  tookMs: number;
  steps: Pick<Steps, 'note' | 'colors'>;
}): Promise<void> {
  const { config, account, agent, project } = options;
  const { note, colors } = options.steps;
  const url = config.publicUrl;
  await writeDevFile(config.dataDir, {
    url,
    auth_url: `${url}/auth/v1`,
    email: account.email,
    password: account.password,
    access_token: account.accessToken,
    organization: account.organization,
    project: project?.ref ?? null,
    host: agent.hostId,
  });
  const profile = join(config.dataDir, 'supabase-profile.yaml');
  await writeWhole(profile, `${JSON.stringify(cliProfile(url, config.studioUrl), null, 2)}\n`, 0o600);
  const rows: [string, string][] = [
    ['API', url],
    ['Account', `${account.email}   password: ${account.password}`],
    ['Organization', account.organization],
    ...projectRows(project, agent),
    ['Studio', `NEXT_PUBLIC_IS_PLATFORM=true  NEXT_PUBLIC_API_URL=${url}/platform`],
    ['', `NEXT_PUBLIC_GOTRUE_URL=${url}/auth/v1  (its origin: STUDIO_URL, now ${config.studioOrigins})`],
    [
      'Mail',
      config.mail === null
        ? `no mail server (SMTP_HOST): links are in ${join(config.dataDir, 'logs/worker.log')}`
        : `through ${config.mail.variables.SMTP_HOST}`,
    ],
    ['Supabase CLI', `supabase --profile ${profile} projects list`],
    ['', `with SUPABASE_ACCESS_TOKEN from ${join(config.dataDir, 'dev.json')} (access_token)`],
    ['Data', agent.relocated === null ? config.dataDir : `${config.dataDir}; projects in ${agent.relocated}`],
    ['Stop', 'Ctrl-C'],
  ];
  if (agent.relocated !== null) {
    note(
      `! The user that runs Postgres cannot reach ${config.dataDir}: binaries and projects' data are in ${agent.relocated}`,
    );
  }
  note(`\n${colors.bold('supafleet is ready')} ${colors.dim(`(${(options.tookMs / 1000).toFixed(1)} s)`)}\n`);
  for (const [label, text] of rows) note(`  ${colors.dim(label.padEnd(13))} ${text}`);
  note('');
}

const usualPort = 5432;

function projectRows(project: FirstProject | null, agent: RunningAgent): [string, string][] {
  if (project === null) return [['Project', 'none (the default project was deleted)']];
  const state = project.reason === null ? project.status : `${project.status}: ${project.reason}`;
  const rows: [string, string][] = [['Project', `${project.ref}   ${state}   ${project.endpoint ?? ''}`.trimEnd()]];
  if (agent.frontDoorPort !== null) {
    rows.push([
      'Postgres',
      `psql "host=127.0.0.1 port=${agent.frontDoorPort} user=postgres.${project.ref} dbname=postgres"`,
    ]);
    if (agent.frontDoorPort !== usualPort) rows.push(['', `port ${usualPort}, the only one the CLI knows, is in use`]);
  } else {
    rows.push(['Postgres', 'no front door: no port was free from 5432 on']);
  }
  return rows;
}

/** What the official CLI reads with `--profile`; JSON is YAML. Its links are to pages of Studio, where that is known. */
function cliProfile(url: string, studioUrl: string | null): Record<string, string> {
  return { name: 'supafleet', api_url: url, dashboard_url: studioUrl ?? url, project_host: 'localhost' };
}
