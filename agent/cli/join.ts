import type { z } from 'zod';
import { controlPlaneUrl } from '../../schema/control-plane-url.ts';
import { joinFlags } from '../config.ts';
import { join } from '../enrol.ts';
import { createHostKey } from '../keys.ts';
import { UsageError } from './usage-error.ts';

export type JoinFlags = Record<string, unknown> & { json?: boolean; insecureHttp?: boolean };

/** `supafleet-agent join`: enrols this machine; returns what to print. Throws `UsageError`s for what was typed wrong. */
export async function joinCommand(
  url: string,
  flags: JoinFlags,
  deps: { now(): number; agentVersion: string },
): Promise<string> {
  const address = checked('url', controlPlaneUrl(flags.insecureHttp === true), url);
  const { token, name, region, dataDir, portRange, projectHost } = checked('', joinFlags, flags);
  const facts = { agentVersion: deps.agentVersion, runtime: 'embedded' as const, projectHost, portRange };
  const options = { directory: dataDir, name, facts, ...(region === undefined ? {} : { region }) };
  const host = await join(address, token, options, { now: deps.now, createKey: createHostKey });
  const summary = { hostId: host.hostId, url: host.url, name: host.name, dataDir };
  if (flags.json === true) return `${JSON.stringify(summary)}\n`;
  return `Joined ${host.url} as ${host.name} (${host.hostId}).\nNext: supafleet-agent run --data-dir ${dataDir}\n`;
}

function checked<T>(name: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${flagName(path.join('.')) || name} ${message}`);
  throw new UsageError(issues.join('; '));
}

function flagName(field: string): string {
  return field === '' ? '' : `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
