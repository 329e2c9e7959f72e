import { z } from 'zod';
import { engineRequest } from '../runtime/compose/engine/request.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import type { CheckContext } from './check.ts';

/** The few members of `/version` and `/info` that are judged. */
const version = z.object({ Version: z.string(), ApiVersion: z.string() });
const info = z.object({
  OSType: z.string(),
  SecurityOptions: z.array(z.string()).nullish(),
  MemoryLimit: z.boolean().optional(),
  CpuCfsQuota: z.boolean().optional(),
  PidsLimit: z.boolean().optional(),
  DockerRootDir: z.string().optional(),
});
const networks = z.array(
  z.object({
    Name: z.string(),
    Labels: z.record(z.string(), z.string()).nullish(),
    IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().optional() })).nullish() }).nullish(),
  }),
);
const containers = z.array(z.object({ Id: z.string(), State: z.string(), Names: z.array(z.string()).nullish() }));

export type EngineInfo = z.infer<typeof version> & z.infer<typeof info>;
export type EngineNetwork = { name: string; labels: Record<string, string>; subnets: string[] };

type Place = Pick<CheckContext, 'docker' | 'signal'>;

/** What the engine says of itself. Rejects with a RuntimeFailure. */
export async function engineInfo(place: Place): Promise<EngineInfo> {
  const [one, other] = await Promise.all([get(place, '/version', version), get(place, '/info', info)]);
  return { ...one, ...other };
}

/** All networks of the engine. */
export async function engineNetworks(place: Place): Promise<EngineNetwork[]> {
  const list = await get(place, '/networks', networks);
  return list.map(({ Name, Labels, IPAM }) => ({
    name: Name,
    labels: Labels ?? {},
    subnets: (IPAM?.Config ?? []).map(({ Subnet }) => Subnet ?? '').filter((subnet) => subnet !== ''),
  }));
}

/** The id of a container with all of these labels that runs; null: there is none. */
export async function runningContainer(place: Place, labels: readonly string[]): Promise<string | null> {
  const filters = encodeURIComponent(JSON.stringify({ label: labels }));
  const found = await get(place, `/containers/json?filters=${filters}`, containers);
  return found.find(({ State }) => State === 'running')?.Id ?? null;
}

const timeoutMs = 8_000;

async function get<T>({ docker, signal }: Place, path: string, shape: z.ZodType<T>): Promise<T> {
  const request = { socketPath: docker.socketPath, method: 'GET' as const, path, timeoutMs, signal };
  const { status, text } = await engineRequest(request);
  const read = shape.safeParse(status === 200 ? parseJson(text) : undefined);
  if (read.success) return read.data;
  throw new RuntimeFailure(`What answers at ${docker.socketPath} does not answer like a Docker engine (${status})`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
