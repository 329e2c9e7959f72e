import { timingSafeEqual } from 'node:crypto';
import type { BackendKey } from './backend-key.ts';

export type Address = { host: string; port: number };

/** Which server the key of each open session belongs to: a cancel request carries nothing but the key. */
export type CancelRegistry = {
  /** Remembers a session's key; call the answer when the session ends. */
  remember(key: BackendKey, server: Address): () => void;
  /** Null for a key that no open session has. */
  serverOf(key: BackendKey): Address | null;
};

/** Makes an empty registry. Process ids repeat among servers, so the secret decides; it is compared in constant time. */
export function createCancelRegistry(): CancelRegistry {
  const sessions = new Map<number, Set<{ secret: Buffer; server: Address }>>();
  return {
    remember({ processId, secret }, server) {
      const session = { secret, server };
      const sameProcessId = sessions.get(processId) ?? new Set();
      sessions.set(processId, sameProcessId.add(session));
      return () => {
        sameProcessId.delete(session);
        if (sameProcessId.size === 0 && sessions.get(processId) === sameProcessId) sessions.delete(processId);
      };
    },
    serverOf({ processId, secret }) {
      let found: Address | null = null;
      for (const session of sessions.get(processId) ?? []) {
        const matches = session.secret.length === secret.length && timingSafeEqual(session.secret, secret);
        if (matches) found = session.server;
      }
      return found;
    },
  };
}
