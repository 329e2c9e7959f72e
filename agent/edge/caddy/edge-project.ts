import type { GatewayKeys } from '../../../schema/gateway-keys.ts';
import type { GatewayService } from '../../../schema/gateway-routes.ts';

/** Where the edge finds one service. */
export type EdgeUpstream = {
  host: string;
  port: number;
  /** the `Host` the service wants to be called by; the client's own unless given */
  hostHeader?: string;
  /** headers every request to it gets, over whatever the caller sent; values may be secret */
  headers?: Record<string, string>;
};

/** One project as the edge serves it. Holds secrets. */
export type EdgeProject = {
  ref: string;
  /** `paused`: every request is answered with 540, as Supabase does */
  state: 'serving' | 'paused';
  /** a service that is missing here does not run in this project */
  upstreams: Partial<Record<GatewayService, EdgeUpstream>>;
  keys: GatewayKeys;
  /** the first port of its block, for a host whose projects have ports */
  port: number;
  /** where its own containers reach it as `api-gw:8000`: the host's address in its network */
  internal: { address: string; port: number };
};
