import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { opaqueKey } from '../../../schema/stack-spec.ts';
import { nullWhenAbsent } from '../../absence.ts';
import type { EdgeProject } from '../../edge/caddy/edge-project.ts';
import { writeWhole } from '../../write-whole.ts';

const upstream = z.object({
  host: z.string(),
  port: z.int(),
  hostHeader: z.string().exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
});

const edgeProject: z.ZodType<EdgeProject> = z.object({
  ref: z.string(),
  state: z.enum(['serving', 'paused']),
  upstreams: z.object({
    auth: upstream.exactOptional(),
    rest: upstream.exactOptional(),
    realtime: upstream.exactOptional(),
    storage: upstream.exactOptional(),
    functions: upstream.exactOptional(),
    pg_meta: upstream.exactOptional(),
  }),
  keys: z.object({
    anonKey: z.string(),
    serviceRoleKey: z.string(),
    anonKeyAsymmetric: z.string(),
    serviceRoleKeyAsymmetric: z.string(),
    apiKeys: z.array(opaqueKey),
  }),
  port: z.int(),
  internal: z.object({ address: z.string(), port: z.int() }),
});

/** How the edge serves a project, as its last change left it; null when it never was to be served, or is no more. */
export async function readEdgeFile(path: string): Promise<EdgeProject | null> {
  const text = await nullWhenAbsent(readFile(path, 'utf8'));
  if (text === null) return null;
  try {
    return edgeProject.parse(JSON.parse(text));
  } catch {
    return null; // not whole, or of another version of the agent: the next apply writes it anew
  }
}

/** It holds the project's keys: nobody but the agent reads it. */
export async function writeEdgeFile(path: string, project: EdgeProject): Promise<void> {
  await writeWhole(path, `${JSON.stringify(project)}\n`, 0o600);
}

export async function removeEdgeFile(path: string): Promise<void> {
  await rm(path, { force: true });
}
