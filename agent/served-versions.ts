import { agentHeaders, protocolVersion } from '../schema/agent-protocol.ts';
import type { Answer } from './ask.ts';
import { ControlPlaneFailure } from './control-plane-failure.ts';

/** Which versions of the protocol an answer says are served; null when it does not say. */
export function servedVersions(headers: Answer['headers']): number[] | null {
  const text = headers[agentHeaders.served];
  return text === undefined || !/^\d{1,6}( \d{1,6}){0,9}$/.test(text) ? null : text.split(' ').map(Number);
}

/** Throws the `ControlPlaneFailure` that ends the agent when the answer names versions and this agent's is not one of them. */
export function requireServed(headers: Answer['headers']): void {
  const served = servedVersions(headers);
  if (served === null || served.includes(protocolVersion)) return;
  throw new ControlPlaneFailure(
    'version-unsupported',
    `The control plane serves ${versions(served)} of the agent protocol and this agent speaks version ` +
      `${protocolVersion}; install ${Math.max(...served) < protocolVersion ? 'an older' : 'a newer'} agent`,
  );
}

function versions(served: readonly number[]): string {
  return `version${served.length === 1 ? '' : 's'} ${served.join(', ')}`;
}
