import type { StackHost } from '../../../agent/stack/stack-host.ts';

/** A host as the tests of rendering need one; `changes` replace what it is made of. */
export function stackHost(changes: Partial<StackHost> = {}): StackHost {
  return {
    hostId: '00000000-0000-4000-8000-000000000001',
    projectHost: 'projects.example.test',
    edge: { kind: 'names', port: 443, httpPort: 80, certificates: { kind: 'internal' } },
    addressPool: '10.213.0.0/16',
    firstPort: 20_000,
    images: { images: {} },
    hasStartInterval: false,
    ...changes,
  };
}
