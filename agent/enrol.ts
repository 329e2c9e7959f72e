import { agentHeaders, enrolResponse, type HostFacts, protocolVersion } from '../schema/agent-protocol.ts';
import { type HostRecord, readHostFile, writeHostFile } from './host-file.ts';
import { projectPorts } from './host-ports.ts';
import { readAs, send } from './http.ts';
import { type HostKey, publicKeyOf } from './keys.ts';
import type { AgentSettings } from './settings.ts';
import { writeSettings } from './settings-file.ts';

export type JoinOptions = {
  directory: string;
  name: string;
  region?: string;
  /** the front door is told once it listens; `portRange` is all of the host's, of which projects get `projectPorts` */
  facts: Omit<HostFacts, 'frontDoor'>;
  /** kept beside the key; none: those of a host without Docker */
  settings?: AgentSettings;
};

/** This directory belongs to a host already. */
export class AlreadyJoined extends Error {
  override name = 'AlreadyJoined';
}

/**
 * Makes this directory a host of the control plane at `url`. The key is on disk before it is sent, so that a join that
 * was cut short can be repeated with the same token and key. Throws `AlreadyJoined` or `ControlPlaneFailure`.
 */
export async function join(
  url: string,
  token: string,
  options: JoinOptions,
  deps: { now(): number; createKey(): HostKey },
): Promise<HostRecord & { hostId: string }> {
  const existing = await readHostFile(options.directory);
  if (existing !== null && existing.hostId !== null) {
    throw new AlreadyJoined(`${options.directory} belongs to host ${existing.hostId} of ${existing.url} already`);
  }
  const unconfirmed: HostRecord = {
    url: new URL(url).origin,
    hostId: null,
    name: options.name,
    privateKey: existing?.privateKey ?? deps.createKey(),
    projectHost: options.facts.projectHost,
    portRange: options.facts.portRange,
    runtime: options.facts.runtime,
  };
  await writeHostFile(options.directory, unconfirmed);
  if (options.settings !== undefined) await writeSettings(options.directory, options.settings);
  const confirmed = { ...unconfirmed, hostId: await enrol(unconfirmed, token, options, deps.now) };
  await writeHostFile(options.directory, confirmed);
  return confirmed;
}

async function enrol(host: HostRecord, token: string, options: JoinOptions, now: () => number): Promise<string> {
  const portRange = projectPorts(options.facts.portRange, options.facts.runtime);
  const body = JSON.stringify({
    token,
    publicKey: publicKeyOf(host.privateKey),
    name: options.name,
    ...(options.region === undefined ? {} : { region: options.region }),
    facts: { ...options.facts, portRange, frontDoor: null },
  });
  const url = new URL('/agent/v1/enroll', host.url);
  const headers = { [agentHeaders.version]: String(protocolVersion) };
  const response = await send({ method: 'POST', url, headers, body }, now);
  return readAs(enrolResponse, response).hostId;
}
