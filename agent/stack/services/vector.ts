import type { ServicePart } from '../service-part.ts';
import { fromEnvironment } from '../values.ts';

/** Vector, which carries what the project's containers log to analytics; the only one that sees the engine. */
export function vector(): ServicePart {
  return {
    port: 9001,
    environment: { LOGFLARE_PUBLIC_ACCESS_TOKEN: fromEnvironment('LOGFLARE_PUBLIC_ACCESS_TOKEN') },
    command: ['--config', '/etc/vector/vector.yml'],
    mounts: [
      { kind: 'file', path: 'vector.yml', target: '/etc/vector/vector.yml' },
      { kind: 'engine-socket', target: '/var/run/docker.sock' },
    ],
    waitsFor: { analytics: 'healthy' },
    health: ['CMD', 'wget', '--no-verbose', '--tries=1', '--spider', 'http://127.0.0.1:9001/health'],
    capabilities: 'none',
    // SELinux lets no confined container use the socket
    securityOptions: ['label=disable'],
  };
}
