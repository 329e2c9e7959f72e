import { type StackService, shownServices } from '../../../schema/stack-profiles.ts';
import type { LiveSpec } from '../../../schema/stack-spec.ts';
import type { EdgeProject, EdgeUpstream } from '../../edge/caddy/edge-project.ts';
import type { RenderedStack } from '../../stack/rendered-stack.ts';

/** postgres-meta of the host as a project's gateway calls it: `header` names the project's database. */
export type MetaUpstream = { host: string; port: number; header: string };

/** Where a project's containers find their own gateway, at the host's address in their network. */
export const internalPort = 8000;

/** How the edge serves a stack that runs. */
export function edgeProjectOf(spec: LiveSpec, stack: RenderedStack, meta: MetaUpstream): EdgeProject {
  const { anonKey, serviceRoleKey, anonKeyAsymmetric, serviceRoleKeyAsymmetric, apiKeys } = spec.secrets;
  const upstreams: EdgeProject['upstreams'] = {
    pg_meta: { host: meta.host, port: meta.port, headers: { 'x-connection-encrypted': meta.header } },
  };
  for (const { name, address, port } of stack.services) {
    const shown = shownServices[name];
    if (shown === null || shown === 'db' || shown === 'pooler' || shown === 'pg_meta') continue;
    upstreams[shown] = { host: address, port, ...particulars(name) };
  }
  return {
    ref: spec.ref,
    state: 'serving',
    upstreams,
    keys: { anonKey, serviceRoleKey, anonKeyAsymmetric, serviceRoleKeyAsymmetric, apiKeys },
    port: spec.firstPort,
    internal: { address: stack.network.gateway, port: internalPort },
  };
}

/** Realtime finds its tenant by the name it is called by. */
function particulars(service: StackService): Pick<EdgeUpstream, 'hostHeader'> {
  return service === 'realtime' ? { hostHeader: 'realtime-dev.supabase-realtime' } : {};
}
