import { createHash } from 'node:crypto';
import type { ComposeService } from '../compose-service.ts';

/** SHA-256 (hex) of what makes a container of the host: its definition, and what it reads from elsewhere. */
export function hostServiceHash(service: ComposeService, read: Record<string, string>): string {
  return createHash('sha256')
    .update(JSON.stringify([service, read]))
    .digest('hex');
}
