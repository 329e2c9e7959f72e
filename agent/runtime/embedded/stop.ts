import type { Host } from './host.ts';
import { stopPostgres } from './postgres.ts';
import { stopRest } from './rest.ts';

/** Stops every part of a stack, from the door inwards; what does not run is fine. Data stays. */
export async function stopStack(host: Host, ref: string): Promise<void> {
  const stack = host.stacks.get(ref);
  if (stack === undefined) return;
  await stack.gateway?.close();
  stack.gateway = null;
  await stack.functions?.stop();
  stack.functions = null;
  if (stack.rest !== null) await stopRest(stack.rest);
  stack.rest = null;
  if (stack.db !== null) await stopPostgres(stack.db);
  host.stacks.delete(ref);
}
