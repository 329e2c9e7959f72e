import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type LiveSpec, stackSpec } from '../../schema/stack-spec.ts';
import { nullWhenAbsent } from '../absence.ts';
import { dockerPlace } from '../docker-place.ts';
import { engineInfo } from '../doctor/engine-info.ts';
import { embeddedSettings } from '../embedded-settings.ts';
import { readHostFile } from '../host-file.ts';
import { RuntimeFailure } from '../runtime-failure.ts';
import { readSettings } from '../settings-file.ts';
import { render } from '../stack/render.ts';
import type { StackHost } from '../stack/stack-host.ts';
import { writeWhole } from '../write-whole.ts';
import type { Answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import type { Machine } from './machine.ts';
import { placeholders } from './placeholders.ts';
import { readImageMap } from './runtimes.ts';
import { UsageError } from './usage-error.ts';

export type RenderOptions = {
  spec: string;
  out: string;
  dataDir: string;
  imageMap?: string;
  showSecrets?: boolean;
  json?: boolean;
};

/**
 * `supafleet-agent render`: writes the directory that this host's agent would run for an exported spec. Secrets are
 * replaced unless they are asked for.
 */
export async function renderCommand(
  options: RenderOptions,
  deps: { machine: Machine; signal: AbortSignal },
): Promise<Answer> {
  const spec = await readSpec(options.spec);
  const host = await stackHost(spec, options, deps);
  const secrets = options.showSecrets === true ? spec.secrets : placeholders(spec.secrets);
  const stack = render({ ...spec, secrets }, host);
  const out = resolve(options.out);
  await refuseForeign(out, stack.composeProject);
  await mkdir(out, { recursive: true, mode: 0o700 });
  for (const { path, content, mode, once } of stack.files) {
    const file = join(out, path);
    if (once === true && (await nullWhenAbsent(readFile(file))) !== null) continue;
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    await writeWhole(file, content, mode);
  }
  const files = stack.files.map(({ path }) => path);
  if (options.json === true) {
    const { services, network, composeProject } = stack;
    return { text: `${JSON.stringify({ out, composeProject, files, services, network })}\n`, exitCode: exitCodes.done };
  }
  const note = options.showSecrets === true ? '' : 'Secrets are replaced: it does not run as it is (--show-secrets).\n';
  const text = `Wrote ${files.length} files of ${stack.composeProject} to ${out}: ${files.join(', ')}.\n${note}`;
  return { text, exitCode: exitCodes.done };
}

async function readSpec(path: string): Promise<LiveSpec> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it is not JSON';
    throw new UsageError(`--spec ${path} cannot be read: ${code}`);
  }
  const parsed = stackSpec.safeParse(json);
  if (!parsed.success) {
    // by field only: what is in them may be secret
    const wrong = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole');
    throw new UsageError(`--spec ${path} is no stack spec (supafleet projects spec <ref>); wrong: ${wrong.join(', ')}`);
  }
  const spec = parsed.data;
  if (spec.power === 'removed' || spec.power === 'withheld') {
    throw new UsageError(`--spec ${path} says that the project is ${spec.power}: nothing of it would run`);
  }
  return spec;
}

/** The host of the data directory; on a machine that is none, one with the usual settings and this one project. */
async function stackHost(
  spec: LiveSpec,
  { dataDir, imageMap }: RenderOptions,
  { machine, signal }: { machine: Machine; signal: AbortSignal },
): Promise<StackHost> {
  const record = await readHostFile(dataDir);
  const settings = await readSettings(dataDir);
  const hasStartInterval = await engineHasStartInterval(machine, signal);
  const images = await readImageMap(imageMap === undefined ? (settings?.imageMap ?? null) : resolve(imageMap));
  const { edge, addressPool } = settings ?? embeddedSettings;
  return {
    hostId: record?.hostId ?? '00000000-0000-4000-8000-000000000000',
    projectHost: record?.projectHost ?? 'localhost',
    firstPort: record?.portRange.first ?? spec.firstPort,
    edge,
    addressPool,
    images,
    hasStartInterval,
  };
}

/** Since Docker Engine 25; without an engine the files are those that every engine takes. */
async function engineHasStartInterval(machine: Machine, signal: AbortSignal): Promise<boolean> {
  try {
    const { Version } = await engineInfo({ docker: dockerPlace(machine.env), signal });
    return Number.parseInt(Version, 10) >= 25;
  } catch (error) {
    if (error instanceof RuntimeFailure) return false;
    throw error;
  }
}

/** Written over is only what this command wrote for the same project, never a directory that an agent works with. */
async function refuseForeign(out: string, composeProject: string): Promise<void> {
  const names = await nullWhenAbsent(readdir(out));
  if (names === null || names.length === 0) return;
  if (names.includes('applied.json') || names.includes('edge.json') || names.includes('files.json')) {
    throw new UsageError(`--out ${out} is the directory of a project that an agent runs; name another`);
  }
  const compose = await nullWhenAbsent(readFile(join(out, 'compose.yaml'), 'utf8'));
  if (compose?.split('\n').includes(`name: ${composeProject}`) !== true) {
    throw new UsageError(`--out ${out} is not empty, and not a directory that this command wrote for this project`);
  }
}
