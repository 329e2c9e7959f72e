import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nullWhenAbsent } from './absence.ts';
import { RuntimeFailure } from './runtime-failure.ts';
import { type AgentSettings, agentSettings } from './settings.ts';
import { writeWhole } from './write-whole.ts';

const fileName = 'settings.json';

/** Reads `<directory>/settings.json`; null when there is none. Throws a RuntimeFailure that says which entry is wrong. */
export async function readSettings(directory: string): Promise<AgentSettings | null> {
  const path = join(directory, fileName);
  const text = await nullWhenAbsent(readFile(path, 'utf8'));
  if (text === null) return null;
  const parsed = agentSettings.safeParse(parseJson(text, path));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
  throw new RuntimeFailure(`${path} does not fit: ${wrong.join('; ')}`);
}

/** Writes `<directory>/settings.json`, whole or not at all. Operators may edit it; a DNS provider's token may be in it. */
export async function writeSettings(directory: string, settings: AgentSettings): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o711 });
  await writeWhole(join(directory, fileName), `${JSON.stringify(settings, null, 2)}\n`, 0o600);
}

/** Where the settings of a host lie. */
export function settingsPath(directory: string): string {
  return join(directory, fileName);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RuntimeFailure(`${path} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
