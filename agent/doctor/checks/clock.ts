import { ControlPlaneFailure } from '../../control-plane-failure.ts';
import { greet } from '../../greet.ts';
import { type Check, failed, ok, type Verdict, warning } from '../check.ts';
import { greetingTimeoutMs } from './control-plane.ts';

const failFromMs = 30_000;
/** the control plane's answer counts whole seconds */
const warnFromMs = 5_000;

/** This machine's clock and the control plane's agree: signatures carry the time. */
export const clockCheck: Check = {
  name: 'clock',
  async run({ subject, now, signal }) {
    try {
      const { skewMs } = await greet(subject.url, { now }, { timeoutMs: greetingTimeoutMs, signal });
      return clockVerdict(skewMs);
    } catch (error) {
      if (!(error instanceof ControlPlaneFailure)) throw error;
      return warning('not compared: the control plane did not answer', 'See the check of the control plane.');
    }
  },
};

/** `skewMs`: by how much this machine's clock is ahead; null: not known. */
export function clockVerdict(skewMs: number | null): Verdict {
  if (skewMs === null) return warning("not compared: the control plane's answer has no date", setClock);
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const direction = skewMs > 0 ? 'ahead of' : 'behind';
  if (Math.abs(skewMs) > failFromMs) return failed(`${seconds} s ${direction} the control plane's`, setClock);
  if (Math.abs(skewMs) > warnFromMs) return warning(`${seconds} s ${direction} the control plane's`, setClock);
  return ok("agrees with the control plane's");
}

const setClock = 'Let the machine keep its time by NTP (timedatectl set-ntp true).';
