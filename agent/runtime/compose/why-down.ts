import { RuntimeFailure } from '../../runtime-failure.ts';
import { containersOf } from './containers-of.ts';
import type { Host } from './host.ts';

/**
 * Makes the failure of a start say more, when a container of the project ended or is not healthy: its last words. They
 * may hold a password in an address, which is taken out; the caller takes out the secrets it knows.
 */
export async function explainFailure(host: Host, ref: string, failure: unknown, signal: AbortSignal): Promise<unknown> {
  if (!(failure instanceof RuntimeFailure) || !/container|healthy/.test(failure.message)) return failure;
  try {
    const said = await firstTrouble(host, ref, signal);
    return said === null ? failure : new RuntimeFailure(said, { cause: failure });
  } catch (error) {
    if (!(error instanceof RuntimeFailure)) throw error;
    return failure; // the engine tells no more than Compose did
  }
}

async function firstTrouble(host: Host, ref: string, signal: AbortSignal): Promise<string | null> {
  const containers = await containersOf(host, ref, signal);
  for (const { id, service, isOneOff } of containers) {
    if (isOneOff) continue;
    const state = await host.engine.state(id, signal);
    if (state === null) continue;
    const isSick = state.Health?.Status === 'unhealthy';
    const hasEnded = state.Status === 'restarting' || (state.Status === 'exited' && state.ExitCode !== 0);
    if (!isSick && !hasEnded) continue;
    const what = state.OOMKilled
      ? 'ran out of memory'
      : hasEnded
        ? `ends with code ${state.ExitCode}`
        : 'does not get healthy';
    const lines = await host.engine.lastLines(id, 20, signal);
    const last = lines.findLast((line) => /error|fatal|panic|must|missing|invalid|refused/i.test(line)) ?? lines.at(-1);
    return `The ${service} container ${what}${last === undefined ? '' : `; it last said: ${clean(last)}`}`;
  }
  return null;
}

function clean(line: string): string {
  return line
    .replace(/:\/\/[^@\s]*@/g, '://')
    .replace(/\b(password|secret|token|apikey|key)(["']?\s*[:=]\s*)\S+/gi, '$1$2***')
    .slice(0, 300);
}
