import type { z } from 'zod';
import { RuntimeFailure } from '../../../runtime-failure.ts';
import type { EngineContainer } from './container.ts';
import { toContainer } from './container.ts';
import { engineRequest } from './request.ts';
import { containerList, containerState, engineProblem, engineVersion, networkList, volumeList } from './wire.ts';

export type LabelledObject = { id: string; name: string; labels: Record<string, string> };
export type EngineVersion = { version: string; apiVersion: string; major: number };
export type ContainerState = z.infer<typeof containerState>['State'];

/** `name` or `name=value`: only what carries all of them. */
export type LabelFilter = readonly string[];

/**
 * The Docker engine's API, as far as it is needed. Every call ends within its deadline and rejects with a RuntimeFailure;
 * removing what is gone is fine.
 */
export type Engine = {
  version(signal: AbortSignal): Promise<EngineVersion>;
  containers(labels: LabelFilter, signal: AbortSignal): Promise<EngineContainer[]>;
  networks(labels: LabelFilter, signal: AbortSignal): Promise<LabelledObject[]>;
  volumes(labels: LabelFilter, signal: AbortSignal): Promise<LabelledObject[]>;
  /** null: there is no such container any more */
  state(id: string, signal: AbortSignal): Promise<ContainerState | null>;
  /** the last lines a container wrote, standard output and errors together */
  lastLines(id: string, count: number, signal: AbortSignal): Promise<string[]>;
  stopContainer(id: string, signal: AbortSignal): Promise<void>;
  unpauseContainer(id: string, signal: AbortSignal): Promise<void>;
  removeContainer(id: string, signal: AbortSignal): Promise<void>;
  removeNetwork(id: string, signal: AbortSignal): Promise<void>;
  removeVolume(name: string, signal: AbortSignal): Promise<void>;
};

export type EngineOptions = { socketPath: string; timeoutMs?: number };

/** No path names an API version: the engine then speaks its own, and what is read here is in all of them. */
export function createEngine({ socketPath, timeoutMs = 8_000 }: EngineOptions): Engine {
  async function get<T>(path: string, shape: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const answer = await engineRequest({ socketPath, method: 'GET', path, timeoutMs, signal });
    if (answer.status !== 200) throw refusal(answer);
    return parse(answer.text, shape);
  }

  async function act(method: 'POST' | 'DELETE', path: string, signal: AbortSignal): Promise<void> {
    const answer = await engineRequest({ socketPath, method, path, timeoutMs: 60_000, signal });
    // gone, or the way it should be already, is fine
    if (answer.status >= 300 && answer.status !== 404 && answer.status !== 304) throw refusal(answer);
  }

  return {
    async version(signal) {
      const found = await get('/version', engineVersion, signal);
      const major = Number(found.Version.split('.')[0]);
      return { version: found.Version, apiVersion: found.ApiVersion, major: Number.isNaN(major) ? 0 : major };
    },
    async containers(labels, signal) {
      const list = await get(`/containers/json?all=1&filters=${filters(labels)}`, containerList, signal);
      return list.map(toContainer);
    },
    async networks(labels, signal) {
      const list = await get(`/networks?filters=${filters(labels)}`, networkList, signal);
      return list.map(({ Id, Name, Labels }) => ({ id: Id, name: Name, labels: Labels }));
    },
    async volumes(labels, signal) {
      const { Volumes } = await get(`/volumes?filters=${filters(labels)}`, volumeList, signal);
      return (Volumes ?? []).map(({ Name, Labels }) => ({ id: Name, name: Name, labels: Labels }));
    },
    async state(id, signal) {
      const path = `/containers/${encodeURIComponent(id)}/json`;
      const answer = await engineRequest({ socketPath, method: 'GET', path, timeoutMs, signal });
      if (answer.status === 404) return null;
      if (answer.status !== 200) throw refusal(answer);
      return parse(answer.text, containerState).State;
    },
    async lastLines(id, count, signal) {
      const path = `/containers/${encodeURIComponent(id)}/logs?stdout=1&stderr=1&tail=${count}`;
      const answer = await engineRequest({ socketPath, method: 'GET', path, timeoutMs, signal });
      return answer.status === 200 ? linesOf(answer.text) : [];
    },
    stopContainer: (id, signal) => act('POST', `/containers/${encodeURIComponent(id)}/stop?t=30`, signal),
    unpauseContainer: (id, signal) => act('POST', `/containers/${encodeURIComponent(id)}/unpause`, signal),
    removeContainer: (id, signal) => act('DELETE', `/containers/${encodeURIComponent(id)}?force=1`, signal),
    removeNetwork: (id, signal) => act('DELETE', `/networks/${encodeURIComponent(id)}`, signal),
    removeVolume: (name, signal) => act('DELETE', `/volumes/${encodeURIComponent(name)}`, signal),
  };
}

/** The `filters` of a query that ask for these labels. */
export function filters(labels: LabelFilter, more: Record<string, readonly string[]> = {}): string {
  return encodeURIComponent(JSON.stringify({ label: labels, ...more }));
}

function parse<T>(text: string, shape: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new RuntimeFailure('What answers at the Docker socket is no Docker engine', { cause });
  }
  const read = shape.safeParse(json);
  if (read.success) return read.data;
  throw new RuntimeFailure('The Docker engine answered in a form that this agent does not know', {
    cause: read.error,
  });
}

function refusal({ status, text }: { status: number; text: string }): RuntimeFailure {
  let said = '';
  try {
    said = engineProblem.safeParse(JSON.parse(text)).data?.message ?? '';
  } catch {
    said = ''; // not the engine's own words: a proxy before it, perhaps
  }
  return new RuntimeFailure(`The Docker engine refused (${status})${said === '' ? '' : `: ${said.slice(0, 300)}`}`);
}

/** Frames of a log stream begin with eight bytes: stream, three zeros, length; they never hold a line break in them. */
function linesOf(text: string): string[] {
  return (
    text
      .split('\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the frame's head is made of them
      .map((line) => line.replace(/^[\u0000-\u0002]\u0000{3}[\s\S]{4}/, '').trim())
      .filter((line) => line !== '')
  );
}
