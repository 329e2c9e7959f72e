import { createRoute, z } from '@hono/zod-openapi';
import { isSameSecret } from '../auth/secrets.ts';
import { notFound, unauthenticated } from '../errors.ts';
import { bearerToken } from '../http/bearer-token.ts';
import { createRouter } from '../http/router.ts';
import { tick } from './tick.ts';

const count = z.int().nonnegative();

const route = createRoute({
  method: 'post',
  path: '/tick',
  responses: {
    200: {
      description: 'What was done',
      content: {
        'application/json': {
          schema: z.object({
            hosts_lost: count,
            sessions_removed: count,
            enrolment_tokens_removed: count,
            access_tokens_removed: count,
            audit_entries_removed: count,
            notifications_removed: count,
            invitations_removed: count,
            accounts_removed: count,
            limits_removed: count,
            proofs_removed: count,
          }),
        },
      },
    },
  },
});

/** `POST /tick` with the bearer token of the configuration; without one configured there is no such route. */
export const tickRoute = createRouter().openapi(route, async (c) => {
  const deps = c.get('deps');
  const { tickToken } = deps.config;
  if (tickToken === null) throw notFound('Route');
  const presented = bearerToken(c.req.header('authorization'));
  if (presented === null || !(await isSameSecret(presented, tickToken))) {
    throw unauthenticated('This path takes the tick token of the configuration as a bearer token');
  }
  const done = await tick(deps);
  return c.json(
    {
      hosts_lost: done.hostsLost,
      sessions_removed: done.sessionsRemoved,
      enrolment_tokens_removed: done.enrolmentTokensRemoved,
      access_tokens_removed: done.accessTokensRemoved,
      audit_entries_removed: done.auditEntriesRemoved,
      notifications_removed: done.notificationsRemoved,
      invitations_removed: done.invitationsRemoved,
      accounts_removed: done.accountsRemoved,
      limits_removed: done.limitsRemoved,
      proofs_removed: done.proofsRemoved,
    },
    200,
  );
});
