import { createHash } from 'node:crypto';
import type { ComposeService } from './compose-service.ts';
import type { RenderedFile } from './rendered-stack.ts';
import type { Mount, ServicePart } from './service-part.ts';
import type { StackValues } from './values.ts';

/**
 * SHA-256 (hex) of all that makes a container: its definition, the values it refers to, the rendered files it reads.
 * Another hash means another container. The first-boot file is left out: no container that exists reads it again.
 */
export function serviceHash(
  service: ComposeService,
  part: ServicePart,
  values: StackValues,
  files: readonly RenderedFile[],
): string {
  const read = (part.mounts ?? []).flatMap(renderedFiles);
  const contents = read.map((path) => [path, files.find((file) => file.path === path)?.content ?? null]);
  const used = Object.entries(values).filter(([name]) => refersTo(service, name));
  return createHash('sha256')
    .update(JSON.stringify([service, used, contents]))
    .digest('hex');
}

function renderedFiles(mount: Mount): string[] {
  if (mount.kind === 'directory') return mount.rendered;
  return mount.kind === 'file' && mount.firstBoot !== true ? [mount.path] : [];
}

/** Whether a service is given this value of `.env`. */
export function refersTo(service: ComposeService, name: string): boolean {
  return Object.values(service.environment ?? {}).some((value) => value.includes(`\${${name}}`));
}
