import { type Check, ok, type Verdict, warning } from '../check.ts';
import { type EngineInfo, engineInfo } from '../engine-info.ts';

/** The kernel enforces what instance sizes promise. */
export const limitsCheck: Check = {
  name: 'limits',
  run: async (context) => limitsVerdict(await engineInfo(context)),
};

export function limitsVerdict({ MemoryLimit, CpuCfsQuota, PidsLimit }: EngineInfo): Verdict {
  const missing = [
    MemoryLimit === false && 'memory',
    CpuCfsQuota === false && 'CPU',
    PidsLimit === false && 'processes',
  ].filter((name) => name !== false);
  if (missing.length === 0) return ok('memory, CPU and processes of containers can be limited');
  return warning(
    `The kernel does not limit ${missing.join(', ')} of containers: one project can starve the others`,
    'Enable the cgroup controllers (on the kernel command line: cgroup_enable=memory swapaccount=1), then restart.',
  );
}
