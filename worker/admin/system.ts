import type { SystemInfo } from '../../client/contract/system.ts';
import { protocolVersion } from '../../schema/agent-protocol.ts';
import { requireAccount } from '../access/require-account.ts';
import { isoTime } from '../projects/iso-time.ts';
import { version } from '../version.ts';
import { procedure, router } from './trpc.ts';

/** `system.*` */
export const system = router({
  info: procedure.query(async ({ ctx }): Promise<SystemInfo> => {
    await requireAccount(ctx);
    return {
      version,
      agentProtocol: protocolVersion,
      database: 'reachable',
      now: isoTime(ctx.deps.clock.now()),
    };
  }),
});
