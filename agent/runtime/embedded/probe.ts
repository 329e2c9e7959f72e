import { portOffsets } from '../../../schema/stack-spec.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import { probeRequest } from '../probe-request.ts';
import type { Host } from './host.ts';

/** An authenticated request through the project's gateway that reaches Postgres. */
export async function probe(host: Host, ref: string, signal: AbortSignal): Promise<void> {
  const stack = host.stacks.get(ref);
  if (stack === undefined || stack.gateway === null) throw new RuntimeFailure('The project does not run on this host');
  const port = stack.spec.firstPort + portOffsets.gateway;
  const key =
    stack.spec.secrets.apiKeys.find(({ type }) => type === 'secret')?.key ?? stack.spec.secrets.serviceRoleKey;
  try {
    await probeRequest(`http://127.0.0.1:${port}`, key, signal);
  } catch (error) {
    host.restReadiness.doubt(stack);
    throw error;
  }
}
