import { RuntimeFailure } from '../../runtime-failure.ts';
import { type Check, failed, ok, type Verdict } from '../check.ts';
import { type EngineInfo, engineInfo } from '../engine-info.ts';

/** Of Docker Engine 20.10. */
const oldestApi = [1, 41] as const;

/** Docker Engine is there, new enough, and its containers can be reached by address. */
export const engineCheck: Check = {
  name: 'engine',
  async run(context) {
    try {
      return engineVerdict(await engineInfo(context));
    } catch (error) {
      if (!(error instanceof RuntimeFailure)) throw error;
      return failed(error.message, notReached);
    }
  },
};

const notReached =
  'Install Docker Engine 20.10 or newer and start it (systemctl enable --now docker); run this as root or as a member of the docker group.';

/** What an engine of this kind is good for. */
export function engineVerdict({ Version, ApiVersion, OSType, SecurityOptions }: EngineInfo): Verdict {
  const [major = 0, minor = 0] = ApiVersion.split('.').map(Number);
  if (major < oldestApi[0] || (major === oldestApi[0] && minor < oldestApi[1])) {
    return failed(`Docker Engine ${Version} is too old`, 'Update it to 20.10 or newer.');
  }
  if (OSType !== 'linux') {
    return failed(`The engine runs ${OSType} containers`, 'Supabase needs an engine that runs Linux containers.');
  }
  if (SecurityOptions?.some((option) => option.includes('name=rootless'))) {
    return failed(
      `Docker Engine ${Version} runs rootless: its containers have no addresses that this host can reach`,
      "Use the system's engine (unset DOCKER_HOST), or `join --runtime embedded` for a laptop.",
    );
  }
  return ok(`Docker Engine ${Version}`);
}
