import type { Project } from '../../client/contract/projects.ts';
import { type SupafleetClient, SupafleetError } from '../../client/index.ts';
import { cell } from '../cell.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { createProgress, type Progress } from '../progress.ts';
import { goalText, outcome, type Verb } from './goals.ts';

export type WaitOptions = { wait?: boolean; timeout: number };

type Seen = Project | 'gone' | SupafleetError;

const pollMs = 400;

/**
 * Looks at a project until it is where the verb takes it; null: it is gone, as asked. Ends early by Ctrl-C, which leaves the
 * project to go on by itself. An answer that does not come is waited for as well.
 */
export async function waitForProject(
  cli: Cli,
  client: SupafleetClient,
  target: { ref: string; verb: Verb; timeoutSeconds: number },
): Promise<Project | null> {
  const { ref, verb, timeoutSeconds } = target;
  const interrupted = new AbortController();
  const release = cli.onInterrupt(() => interrupted.abort());
  const progress = createProgress(cli.terminal, `${ref}: ${verb}`, cli.clock.now);
  const deadline = cli.clock.now() + timeoutSeconds * 1000;
  try {
    for (;;) {
      const seen = await look(client, ref, interrupted.signal);
      if (interrupted.signal.aborted) throw stoppedWaiting(ref);
      tell(progress, seen);
      const result = seen instanceof SupafleetError ? 'on the way' : outcome(verb, statusOf(seen));
      if (result === 'reached') return seen === 'gone' || seen instanceof SupafleetError ? null : seen;
      if (result === 'missed') throw missed(ref, verb, seen);
      if (cli.clock.now() >= deadline) throw timedOut(ref, target, seen);
      await cli.clock.sleep(pollMs, interrupted.signal);
    }
  } finally {
    progress.end();
    release();
  }
}

/** A control plane that is restarted meanwhile, or is busy, does not end the wait. */
async function look(client: SupafleetClient, ref: string, signal: AbortSignal): Promise<Seen> {
  try {
    return await client.projects.get.query({ ref }, { signal });
  } catch (error) {
    if (!(error instanceof SupafleetError)) throw error;
    if (error.code === 'not_found') return 'gone';
    if (signal.aborted || passing.has(error.code)) return error;
    throw error;
  }
}

const passing: ReadonlySet<string> = new Set(['unreachable', 'overloaded', 'database_unavailable', 'internal']);

function statusOf(seen: Project | 'gone') {
  return seen === 'gone' ? seen : seen.status;
}

function tell(progress: Progress, seen: Seen): void {
  if (seen instanceof SupafleetError) progress.say(seen.code === 'unreachable' ? 'no answer, trying on' : seen.message);
  else if (seen === 'gone') progress.say('gone');
  else progress.say(seen.statusReason === null ? seen.status : `${seen.status} (${cell(seen.statusReason, 200)})`);
}

function missed(ref: string, verb: Verb, seen: Seen): CommandFailure {
  if (seen === 'gone' || seen instanceof SupafleetError) {
    return new CommandFailure(`The project ${ref} was removed meanwhile`, { exitCode: exitCodes.failed });
  }
  const reason = seen.statusReason === null ? '' : `: ${seen.statusReason}`;
  return new CommandFailure(`To ${verb} ${ref} ended in ${seen.status}${reason}`, {
    exitCode: exitCodes.failed,
    hint: `See supafleet projects get ${ref}.`,
  });
}

function timedOut(ref: string, target: { verb: Verb; timeoutSeconds: number }, seen: Seen): CommandFailure {
  const within = `within ${target.timeoutSeconds} s`;
  const hint = `It goes on by itself: see supafleet projects get ${ref}.`;
  if (seen instanceof SupafleetError) {
    return new CommandFailure(`The control plane did not say ${within} whether ${ref} is ${goalText(target.verb)}`, {
      exitCode: seen.code === 'unreachable' ? exitCodes.unreachable : exitCodes.failed,
      hint,
      cause: seen,
    });
  }
  return new CommandFailure(`${ref} is ${statusOf(seen)}, not ${goalText(target.verb)} ${within}`, {
    exitCode: exitCodes.failed,
    hint,
  });
}

function stoppedWaiting(ref: string): CommandFailure {
  return new CommandFailure('Stopped waiting', {
    exitCode: exitCodes.interrupted,
    hint: `What was asked for goes on by itself: see supafleet projects get ${ref}.`,
  });
}
