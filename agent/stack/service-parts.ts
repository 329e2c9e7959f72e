import type { StackService } from '../../schema/stack-profiles.ts';
import type { LiveSpec } from '../../schema/stack-spec.ts';
import type { ServicePart } from './service-part.ts';
import { analytics } from './services/analytics.ts';
import { auth } from './services/auth.ts';
import { db } from './services/db.ts';
import { functions } from './services/functions.ts';
import { imgproxy } from './services/imgproxy.ts';
import { realtime } from './services/realtime.ts';
import { rest } from './services/rest.ts';
import { storage } from './services/storage.ts';
import { supavisor } from './services/supavisor.ts';
import { vector } from './services/vector.ts';
import { connectionLimits, postgresSettings, sharedMemoryMiB } from './sizes.ts';
import type { StackHost } from './stack-host.ts';

/** Connections the pooler keeps to the database for each user, as upstream has it. */
const poolSize = 20;

/** What is particular to one service of a project. */
export function servicePart(name: StackService, spec: LiveSpec, host: StackHost): ServicePart {
  const { ref, size } = spec;
  switch (name) {
    case 'db':
      return db({ settings: postgresSettings(size, host.memoryMiB), shmMiB: sharedMemoryMiB(size) });
    case 'auth':
      return auth();
    case 'rest':
      return rest();
    case 'realtime':
      return realtime();
    case 'storage':
      return storage({ ref });
    case 'imgproxy':
      return imgproxy();
    case 'functions':
      return functions();
    case 'supavisor':
      return supavisor({ ref, poolSize, maxClients: connectionLimits[size].poolerClients });
    case 'analytics':
      return analytics();
    case 'vector':
      return vector();
    default:
      return name satisfies never;
  }
}
