import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { RenderedFile } from '../../../agent/stack/rendered-stack.ts';

const resolved = z.looseObject({
  name: z.string(),
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string(),
      environment: z.record(z.string(), z.string().nullable()).default({}),
      privileged: z.boolean().default(false),
      ports: z.array(z.unknown()).default([]),
      volumes: z.array(z.looseObject({ type: z.string(), source: z.string().optional() })).default([]),
    }),
  ),
});
export type ResolvedCompose = z.infer<typeof resolved>;

/** Why `docker compose` cannot be asked here; null: it can. It takes no engine to read a file. */
export function composeMissing(): string | null {
  try {
    execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'docker compose is not installed';
  }
}

/** What the real Docker Compose makes of these files in a directory of their own. Throws with its words when it refuses. */
export function composeConfig(files: readonly RenderedFile[]): ResolvedCompose {
  const directory = mkdtempSync(join(tmpdir(), 'supafleet-compose-'));
  try {
    for (const { path, content, mode } of files) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content, { mode });
    }
    const { PATH = '', HOME = '', DOCKER_CONFIG } = process.env;
    const output = execFileSync('docker', ['compose', 'config', '--format', 'json'], {
      cwd: directory,
      env: { PATH, HOME, ...(DOCKER_CONFIG !== undefined && { DOCKER_CONFIG }) },
      encoding: 'utf8',
      maxBuffer: 16 * 1024 * 1024,
    });
    return resolved.parse(JSON.parse(output));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
