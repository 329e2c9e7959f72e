import type { EnrolRequest } from '../../schema/agent-protocol.ts';
import { sha256Hex } from '../auth/digest.ts';
import { AppError, unauthenticated } from '../errors.ts';
import type { AgentCtx } from './verify-request.ts';

const defaultRegion = 'local';

/**
 * Makes a host of whoever holds an enrolment token; each token makes one. Answers the host's id, and again the same when
 * a host asks again because the first answer was lost.
 * Errors: `unauthenticated` for a token that is unknown, used or expired, `conflict` for a name that is taken.
 */
export async function enrol({ deps, request }: AgentCtx, input: EnrolRequest): Promise<{ hostId: string }> {
  const { token, name, region = defaultRegion, publicKey, facts } = input;
  const outcome = await deps.store.enrolment.enrol(
    {
      tokenHash: await sha256Hex(token),
      host: { id: deps.random.uuid(), name, region, publicKey, facts },
      at: deps.clock.now(),
    },
    request,
  );
  switch (outcome.kind) {
    case 'enrolled':
      return { hostId: outcome.hostId };
    case 'name_taken':
      throw new AppError(
        'conflict',
        'A host of this name exists; choose another name (--name), or revoke that host first',
      );
    case 'bad_token':
      throw unauthenticated('The enrolment token is unknown, expired, or was used before');
    default:
      return outcome satisfies never;
  }
}
