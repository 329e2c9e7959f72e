import type { Check, CheckContext, Finding } from './check.ts';
import { addressPoolCheck } from './checks/address-pool.ts';
import { certificatesCheck } from './checks/certificates.ts';
import { clockCheck } from './checks/clock.ts';
import { composeCheck } from './checks/compose.ts';
import { controlPlaneCheck } from './checks/control-plane.ts';
import { dataDirectoryCheck } from './checks/data-directory.ts';
import { diskCheck } from './checks/disk.ts';
import { engineCheck } from './checks/engine.ts';
import { imageMapCheck } from './checks/image-map.ts';
import { limitsCheck } from './checks/limits.ts';
import { memoryCheck } from './checks/memory.ts';
import { namesCheck } from './checks/names.ts';
import { portsCheck } from './checks/ports.ts';

const everywhere: Check[] = [controlPlaneCheck, clockCheck, dataDirectoryCheck, diskCheck, memoryCheck, portsCheck];
const withDocker: Check[] = [
  engineCheck,
  composeCheck,
  limitsCheck,
  addressPoolCheck,
  certificatesCheck,
  imageMapCheck,
  namesCheck,
];

/** Every check that concerns the subject's runtime, side by side. A check that breaks is a failed one. */
export async function runChecks(context: CheckContext): Promise<Finding[]> {
  const isCompose = context.subject.settings.runtime === 'compose';
  const checks = isCompose ? [...withDocker.slice(0, 2), ...everywhere, ...withDocker.slice(2)] : everywhere;
  return Promise.all(checks.map((check) => finding(check, context)));
}

/** Whether something was found that keeps a host from working. */
export function hasFailed(findings: readonly Finding[]): boolean {
  return findings.some(({ status }) => status === 'failed');
}

async function finding({ name, run }: Check, context: CheckContext): Promise<Finding> {
  try {
    return { check: name, ...(await run(context)) };
  } catch (error) {
    if (context.signal.aborted) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    return { check: name, status: 'failed', detail, advice: 'Put this right and run the checks again.' };
  }
}
