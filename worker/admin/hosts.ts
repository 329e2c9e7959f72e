import { z } from 'zod';
import type { Host } from '../../client/contract/hosts.ts';
import { createEnrolmentToken } from '../hosts/create-enrolment-token.ts';
import { type Host as FoundHost, findHost } from '../hosts/find-host.ts';
import { listHosts } from '../hosts/list-hosts.ts';
import { revokeHost } from '../hosts/revoke-host.ts';
import { setCordoned } from '../hosts/set-cordoned.ts';
import { isoTime } from '../projects/iso-time.ts';
import { limitOf, pageInput } from './paging.ts';
import { procedure, router } from './trpc.ts';

const refs = z.array(z.string());
const byId = z.object({ id: z.string().max(100) });

/** `hosts.*`, for operators. */
export const hosts = router({
  list: procedure.input(pageInput.optional()).query(async ({ ctx, input }) => {
    const found = await listHosts(ctx, { cursor: input?.cursor, limit: limitOf(input) });
    return { items: found.hosts.map(toWire), nextCursor: found.nextCursor };
  }),

  get: procedure.input(byId).query(async ({ ctx, input }) => toWire((await findHost(ctx, input.id)).host)),

  createEnrolmentToken: procedure.mutation(async ({ ctx }) => {
    const { token, expiresAt } = await createEnrolmentToken(ctx);
    return { token, expiresAt: isoTime(expiresAt) };
  }),

  revoke: procedure.input(byId).mutation(async ({ ctx, input }) => toWire(await revokeHost(ctx, input))),

  cordon: procedure
    .input(byId)
    .mutation(async ({ ctx, input }) => toWire(await setCordoned(ctx, { id: input.id, cordoned: true }))),

  uncordon: procedure
    .input(byId)
    .mutation(async ({ ctx, input }) => toWire(await setCordoned(ctx, { id: input.id, cordoned: false }))),
});

function toWire(host: FoundHost): Host {
  const { frontDoorHost, frontDoorPort } = host;
  return {
    id: host.id,
    name: host.name,
    region: host.region,
    state: host.state,
    cordoned: host.cordoned,
    runtime: host.runtime,
    agentVersion: host.agentVersion,
    projectHost: host.projectHost,
    frontDoor: frontDoorHost === null || frontDoorPort === null ? null : { host: frontDoorHost, port: frontDoorPort },
    ports: { first: host.firstPort, last: host.lastPort },
    projectCount: host.projectCount,
    strangers: refs.parse(JSON.parse(host.strangers)),
    enrolledAt: isoTime(host.enrolledAt),
    reportedAt: host.reportedAt === null ? null : isoTime(host.reportedAt),
    revokedAt: host.revokedAt === null ? null : isoTime(host.revokedAt),
  };
}
