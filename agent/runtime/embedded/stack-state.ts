import type { Stack } from './host.ts';

/** Whether every part that a running stack needs still lives. */
export function isWhole(stack: Stack): boolean {
  return stack.gateway !== null && Boolean(stack.db?.child.isAlive()) && Boolean(stack.rest?.child.isAlive());
}

/** `running`: whole; `partial`: something of it lives; `stopped`: nothing does. */
export function stackState(stack: Stack | undefined): 'running' | 'partial' | 'stopped' {
  if (stack === undefined) return 'stopped';
  if (isWhole(stack)) return 'running';
  const something = stack.gateway !== null || stack.db?.child.isAlive() || stack.rest?.child.isAlive();
  return something ? 'partial' : 'stopped';
}
