import type { ServicePart } from '../service-part.ts';
import { storageDirectory } from './storage.ts';

/** imgproxy, which resizes storage's images; it only reads them. */
export function imgproxy(): ServicePart {
  return {
    port: 5001,
    environment: {
      IMGPROXY_BIND: ':5001',
      IMGPROXY_LOCAL_FILESYSTEM_ROOT: '/',
      IMGPROXY_USE_ETAG: 'true',
      IMGPROXY_AUTO_WEBP: 'true',
      IMGPROXY_MAX_SRC_RESOLUTION: '16.8',
    },
    mounts: [{ kind: 'volume', name: 'storage-data', target: storageDirectory, readOnly: true }],
    health: ['CMD', 'imgproxy', 'health'],
    capabilities: 'none',
  };
}
