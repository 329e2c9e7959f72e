import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { writeWhole } from '../agent/write-whole.ts';
import type { RunningAgent } from './agent.ts';
import { call, callOk } from './api.ts';
import type { LauncherConfig } from './config.ts';
import { readIfThere } from './files.ts';
import type { FirstAccount } from './first-account.ts';

export type FirstProject = {
  ref: string;
  name: string;
  status: string;
  reason: string | null;
  endpoint: string | null;
};

const projectPage = z.object({ projects: z.array(z.object({ ref: z.string(), name: z.string() })) });
const created = z.object({ ref: z.string(), name: z.string() });
const statusBody = z.object({ status: z.string(), status_reason: z.string().nullish() });
const settingsBody = z.object({ app_config: z.object({ protocol: z.string(), endpoint: z.string() }).nullish() });

const transient = new Set(['COMING_UP', 'RESTORING', 'RESTARTING', 'UNKNOWN', 'ACTIVE_UNHEALTHY']);
const patienceMs = { embedded: 60_000, compose: 300_000 };

/**
 * Makes the default project at the first start, then waits until it is up. One that was deleted later is not made
 * again; one that is paused stays so.
 */
export async function prepareFirstProject(options: {
  url: string;
  account: FirstAccount;
  agent: Pick<RunningAgent, 'givenUp'>;
  config: LauncherConfig;
  progress(detail: string): void;
  now(): number;
  signal: AbortSignal;
}): Promise<FirstProject | null> {
  const { url, account, agent, config, now } = options;
  const token = account.accessToken;
  const page = projectPage.parse(
    await callOk(`${url}/platform/organizations/${account.organization}/projects?limit=100&offset=0`, { token }),
  );
  const memory = join(config.dataDir, 'default-project');
  const remembered = await readIfThere(memory);
  const existing = page.projects.find((project) => project.ref === remembered) ?? page.projects[0];
  if (existing === undefined && remembered !== null) return null;
  const project = existing ?? (await createProject(options));
  if (remembered === null) await writeWhole(memory, project.ref, 0o600);
  const deadline = now() + patienceMs[config.runtime];
  let { status, reason } = await statusOf(url, project.ref, token);
  // what was reported before a restart may still be recent: only a query shows that it runs now
  while (transient.has(status) || (status === 'ACTIVE_HEALTHY' && !(await answersQueries(url, project.ref, token)))) {
    options.signal.throwIfAborted();
    if (now() > deadline || agent.givenUp.aborted) break;
    options.progress(status);
    await wait(150);
    ({ status, reason } = await statusOf(url, project.ref, token));
  }
  options.progress(status);
  const { app_config } = settingsBody.parse(
    await callOk(`${url}/platform/projects/${project.ref}/settings`, { token }),
  );
  const endpoint = app_config ? `${app_config.protocol}://${app_config.endpoint}` : null;
  return { ref: project.ref, name: project.name, status, reason, endpoint };
}

async function answersQueries(url: string, ref: string, token: string): Promise<boolean> {
  const body = { query: 'select 1' };
  try {
    const { status } = await call(`${url}/platform/pg-meta/${ref}/query`, { method: 'POST', token, body });
    return status < 300;
  } catch {
    // no answer in time is an answer too
    return false;
  }
}

async function createProject(options: Parameters<typeof prepareFirstProject>[0]) {
  const body = {
    organization_slug: options.account.organization,
    name: options.config.projectName,
    cloud_provider: 'AWS',
    desired_instance_size: 'micro',
  };
  const answer = await callOk(`${options.url}/platform/projects`, {
    method: 'POST',
    token: options.account.accessToken,
    body,
  });
  return created.parse(answer);
}

async function statusOf(url: string, ref: string, token: string): Promise<{ status: string; reason: string | null }> {
  const body = statusBody.parse(await callOk(`${url}/platform/projects/${ref}/status`, { token }));
  return { status: body.status, reason: body.status_reason ?? null };
}
