import type { Host } from './host.ts';
import { stopPostgres } from './postgres.ts';
import { stopRest } from './rest.ts';

/** Stops every part of a stack, from the door inwards; what does not run is fine. Data stays. */
export async function stopStack(host: Host, ref: string): Promise<void> {
  const stack = host.stacks.get(ref);
  if (stack === undefined) return;
  await stack.gateway?.close();
  stack.gateway = null;
  host.onStep('gateway closed');
  await Promise.all([stack.functions?.stop(), stack.rest === null ? null : stopRest(stack.rest)]);
  stack.functions = null;
  stack.rest = null;
  host.onStep('services stopped');
  if (stack.db !== null) await stopPostgres(stack.db);
  host.onStep('database stopped');
  host.stacks.delete(ref);
}
