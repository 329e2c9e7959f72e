import { resolve } from 'node:path';
import type { z } from 'zod';
import { controlPlaneUrl } from '../../schema/control-plane-url.ts';
import { portsPerProject } from '../../schema/stack-spec.ts';
import { joinFlags } from '../config.ts';
import { dockerPlaceFor } from '../docker-place.ts';
import type { Finding } from '../doctor/check.ts';
import { hasFailed, runChecks } from '../doctor/run-checks.ts';
import { withAddressPool } from '../doctor/with-address-pool.ts';
import { AlreadyJoined, join } from '../enrol.ts';
import { readHostFile } from '../host-file.ts';
import { holdsProject } from '../host-ports.ts';
import { createHostKey } from '../keys.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import type { Answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { findingsTable, type Paint, summary } from './findings-table.ts';
import type { Machine } from './machine.ts';
import { settingsFlags, settingsOfFlags } from './settings-of-flags.ts';
import { UsageError } from './usage-error.ts';

export type JoinFlags = Record<string, unknown> & { json?: boolean; insecureHttp?: boolean };

type JoinDeps = { now(): number; machine: Machine; paint: Paint; signal: AbortSignal };

/**
 * `supafleet-agent join`: looks at this machine, and enrols it when nothing keeps it from working. Throws `UsageError`s
 * for what was typed wrong, `AlreadyJoined`, a `ControlPlaneFailure`.
 */
export async function joinCommand(url: string, flags: JoinFlags, deps: JoinDeps): Promise<Answer> {
  const address = checked('url', controlPlaneUrl(flags.insecureHttp === true), url);
  const { token, name, region, dataDir, portRange, projectHost } = checked('', joinFlags, {
    token: deps.machine.env.SUPAFLEET_AGENT_TOKEN,
    ...flags,
  });
  const directory = resolve(dataDir);
  const wanted = settingsOfFlags(checked('', settingsFlags, absolute(flags)));
  if (!holdsProject(portRange, wanted.runtime)) {
    throw new UsageError(
      `--port-range must hold at least ${2 * portsPerProject} ports: the last ten are the host's own`,
    );
  }
  await refuseTwice(directory);
  const origin = new URL(address).origin;
  const subject = { url: origin, hostId: null, dataDir: directory, projectHost, portRange, settings: wanted };
  const docker = dockerPlaceFor(wanted.runtime, deps.machine.env);
  const findings = await runChecks({ subject, docker, now: deps.now, signal: deps.signal });
  if (hasFailed(findings)) return refusal(findings, flags, deps);
  const settings = await withAddressPool(wanted, { docker, signal: deps.signal });
  const facts = { agentVersion: deps.machine.agentVersion, runtime: settings.runtime, projectHost, portRange };
  const options = { directory, name, facts, settings, ...(region === undefined ? {} : { region }) };
  const host = await join(address, token, options, { now: deps.now, createKey: createHostKey });
  const result = { hostId: host.hostId, url: host.url, name: host.name, dataDir: directory };
  if (flags.json === true) {
    return { text: `${JSON.stringify({ ...result, settings, checks: findings })}\n`, exitCode: exitCodes.done };
  }
  const next = `Next: supafleet-agent run --data-dir ${directory}   (or install, for a service)\n`;
  const text = `${findingsTable(findings, deps.paint)}\nJoined ${host.url} as ${host.name} (${host.hostId}).\n${next}`;
  return { text, exitCode: exitCodes.done };
}

/** Told before anything is looked at; a directory that cannot be read is for the checks. */
async function refuseTwice(directory: string): Promise<void> {
  try {
    const known = await readHostFile(directory);
    if (known === null || known.hostId === null) return;
    throw new AlreadyJoined(`${directory} belongs to host ${known.hostId} of ${known.url} already`);
  } catch (error) {
    if (!(error instanceof RuntimeFailure)) throw error;
  }
}

function refusal(findings: Finding[], { json }: JoinFlags, { paint }: JoinDeps): Answer {
  const text = json
    ? `${JSON.stringify({ joined: false, checks: findings })}\n`
    : `${findingsTable(findings, paint)}\nNot joined: ${summary(findings)} Put them right and join again; the token is still good.\n`;
  return { text, exitCode: exitCodes.failed };
}

function absolute(flags: JoinFlags): JoinFlags {
  return typeof flags.imageMap === 'string' ? { ...flags, imageMap: resolve(flags.imageMap) } : flags;
}

function checked<T>(name: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${flagName(path.join('.')) || name} ${message}`);
  throw new UsageError(issues.join('; '));
}

function flagName(field: string): string {
  return field === '' ? '' : `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
