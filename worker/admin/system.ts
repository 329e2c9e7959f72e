import type { SystemInfo } from '../../client/contract.ts';
import manifest from '../../package.json' with { type: 'json' };
import { protocolVersion } from '../../schema/agent-protocol.ts';
import { requireAccount } from '../access/require-account.ts';
import { isoTime } from '../projects/iso-time.ts';
import { procedure, router } from './trpc.ts';

/** `system.*` */
export const system = router({
  info: procedure.query(async ({ ctx }): Promise<SystemInfo> => {
    await requireAccount(ctx);
    return {
      version: manifest.version,
      agentProtocol: protocolVersion,
      database: 'reachable',
      now: isoTime(ctx.deps.clock.now()),
    };
  }),
});
