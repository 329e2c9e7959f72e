import { protocolVersion } from '../../../schema/agent-protocol.ts';
import { ControlPlaneFailure } from '../../control-plane-failure.ts';
import { greet } from '../../greet.ts';
import { type Check, failed, ok } from '../check.ts';

export const greetingTimeoutMs = 8_000;

/** A control plane answers at the address, and serves this agent's protocol. */
export const controlPlaneCheck: Check = {
  name: 'control-plane',
  async run({ subject, now, signal }) {
    try {
      const { served } = await greet(subject.url, { now }, { timeoutMs: greetingTimeoutMs, signal });
      const versions = served === null ? '' : ` of ${served.join(', ')}`;
      return ok(`${subject.url} serves protocol version ${protocolVersion}${versions}`);
    } catch (error) {
      if (!(error instanceof ControlPlaneFailure)) throw error;
      return failed(error.message, error.kind === 'version-unsupported' ? install : reach);
    }
  },
};

const install = 'Install the agent of the same release as the control plane.';
const reach = 'Check the address, the name in DNS, and that this machine may call out over HTTPS.';
