import { createControlPlane } from '../control-plane.ts';
import { ControlPlaneFailure } from '../control-plane-failure.ts';
import { dockerPlace, dockerPlaceFor } from '../docker-place.ts';
import { type Preview, preview } from '../doctor/preview.ts';
import { hasFailed, runChecks } from '../doctor/run-checks.ts';
import { signingKeyOf } from '../keys.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import type { Answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { findingsTable, oneLine, type Paint, summary } from './findings-table.ts';
import { type JoinedHost, joinedHost } from './joined-host.ts';
import type { Machine } from './machine.ts';

type DoctorDeps = { now(): number; machine: Machine; paint: Paint; signal: AbortSignal };

/** What would be done, or why that is not known. */
type Outlook = { preview: Preview } | { unknown: string };

/** `supafleet-agent doctor`: the checks of `join` again, and the plan without doing it. An agent that runs is not disturbed. */
export async function doctorCommand(options: { dataDir: string; json?: boolean }, deps: DoctorDeps): Promise<Answer> {
  const joined = await joinedHost(options.dataDir);
  const { dataDir, host, settings } = joined;
  const subject = { ...host, dataDir, settings };
  const docker = dockerPlaceFor(settings.runtime, deps.machine.env);
  const context = { subject, docker, now: deps.now, signal: deps.signal };
  const [findings, outlook] = await Promise.all([runChecks(context), look(joined, deps)]);
  const exitCode = hasFailed(findings) ? exitCodes.failed : exitCodes.done;
  if (options.json === true) {
    const { hostId, name, url } = host;
    return {
      text: `${JSON.stringify({ hostId, name, url, dataDir, checks: findings, plan: planWire(outlook) })}\n`,
      exitCode,
    };
  }
  const head = `${deps.paint.bold(oneLine(host.name))} (${host.hostId}) of ${host.url}\n\n`;
  return {
    text: `${head}${findingsTable(findings, deps.paint)}\n${summary(findings)}\n\n${planText(outlook)}`,
    exitCode,
  };
}

async function look({ dataDir, host, settings }: JoinedHost, { now, machine, signal }: DoctorDeps): Promise<Outlook> {
  if (settings.runtime === 'embedded') return { unknown: 'an embedded host shows its projects to its own agent only' };
  const { lookAtStacks } = await import('../doctor/look.ts');
  const { hostId, projectHost } = host;
  const identity = { url: host.url, hostId, privateKey: signingKeyOf(host.privateKey) };
  try {
    const docker = dockerPlace(machine.env);
    // reading the list changes nothing at the control plane; only reports count
    const [list, stacks] = await Promise.all([
      createControlPlane(identity, { now }).desired(null, signal),
      lookAtStacks({ dataDir, hostId, projectHost, settings, docker, signal }),
    ]);
    return list === null ? { unknown: 'the control plane sent no list' } : { preview: preview(list, stacks, now()) };
  } catch (error) {
    if (error instanceof ControlPlaneFailure || error instanceof RuntimeFailure) return { unknown: error.message };
    throw error;
  }
}

function planWire(outlook: Outlook): (Preview & { unknown: null }) | { unknown: string } {
  return 'preview' in outlook ? { ...outlook.preview, unknown: null } : outlook;
}

function planText(outlook: Outlook): string {
  if ('unknown' in outlook) return `What the agent would do is not known: ${oneLine(outlook.unknown)}\n`;
  const { actions, strangers } = outlook.preview;
  const lines = actions.map(({ ref, action, reason }) => `  ${action.padEnd(6)}  ${ref}  ${oneLine(reason)}\n`);
  const todo = lines.length === 0 ? 'Nothing to do: every project is as it should be.\n' : `To do:\n${lines.join('')}`;
  if (strangers.length === 0) return todo;
  return `${todo}Left alone, since no list names them: ${strangers.map(oneLine).join(', ')}\n`;
}
