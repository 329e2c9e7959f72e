import type { KeyObject } from 'node:crypto';
import { desiredResponse, reportResponse } from '../schema/agent-protocol.ts';
import type { Answer } from './ask.ts';
import type { ControlPlane } from './deps.ts';
import { readAs, send } from './http.ts';
import { signedHeaders } from './sign.ts';

export type SignedControlPlane = ControlPlane & {
  /** Says that this host is none any more. Refused while projects live on it. */
  leave(signal: AbortSignal): Promise<void>;
};

/** The control plane over HTTP, every request signed by the host's key. Throws `ControlPlaneFailure` only. */
export function createControlPlane(
  identity: { url: string; hostId: string; privateKey: KeyObject },
  deps: { now(): number },
): SignedControlPlane {
  async function request(method: 'GET' | 'POST', path: string, body: string, signal: AbortSignal): Promise<Answer> {
    const url = new URL(path, identity.url);
    const signable = { method, pathAndQuery: `${url.pathname}${url.search}`, body, timestamp: deps.now() };
    return send({ method, url, headers: signedHeaders(signable, identity), body }, deps.now, signal);
  }

  return {
    async desired(cursor, signal) {
      const query = cursor === null ? '' : `?cursor=${cursor}`;
      const response = await request('GET', `/agent/v1/desired${query}`, '', signal);
      return response.status === 304 ? null : readAs(desiredResponse, response);
    },
    async leave(signal) {
      await request('POST', '/agent/v1/leave', '', signal);
    },
    async report(report, signal) {
      return readAs(reportResponse, await request('POST', '/agent/v1/report', JSON.stringify(report), signal));
    },
  };
}
