import { chmod, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { nullWhenAbsent } from '../../absence.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import type { RenderedFile } from '../../stack/rendered-stack.ts';
import { syncDirectory } from '../../write-whole.ts';
import { withFiles } from './file-failure.ts';
import { type FileReader, hashOf } from './file-state.ts';
import { type Ledger, readLedger, writeLedger } from './ledger.ts';
import type { LifeStep } from './life-steps.ts';
import type { stackPaths } from './paths.ts';

type WriteDeps = { files: FileReader; now(): number; onStep(step: LifeStep): void };

/**
 * Makes a stack's directory hold exactly these files beside what users put there. Each is whole or not there; what
 * somebody else had changed is kept in `drift/` first, with the time (ms since the epoch) behind its name.
 * @returns the paths that were kept aside
 */
export async function writeDirectory(
  paths: ReturnType<typeof stackPaths>,
  rendered: readonly RenderedFile[],
  deps: WriteDeps,
): Promise<string[]> {
  return withFiles(`Writing ${paths.home}`, async () => {
    await mkdir(paths.home, { recursive: true, mode: 0o700 });
    await chmod(paths.home, 0o700);
    deps.onStep('directory made');
    const before = await readLedger(paths.ledger);
    // first of all, so that no path looked at below leads through a link
    for (const { path } of rendered) await makeRooms(paths.home, path, deps);
    const gone = Object.keys(before.files).filter((path) => !rendered.some((file) => file.path === path));
    const stale: string[] = [];
    for (const path of gone) if (await hasRooms(paths.home, path)) stale.push(path);
    const foreign = await foreignFiles(paths.home, rendered, stale, before, deps);
    const remake = before.remake || foreign.some((path) => !notHeldOpen.has(path));
    await writeLedger(paths.ledger, { ...before, remake, files: union(before.files, rendered) });
    deps.onStep('ledger written');
    for (const path of foreign) await keepAside(paths, path, deps);
    for (const path of stale) await rm(join(paths.home, path), { force: true });
    for (const file of rendered) await writeOne(paths, file, deps);
    await writeLedger(paths.ledger, { ...before, remake, files: entriesOf(rendered) });
    deps.onStep('files written');
    return foreign;
  });
}

/** Compose reads these itself, or a container does once in its life; any other file stays open in a container. */
const notHeldOpen = new Set(['compose.yaml', '.env', 'first-boot.sql']);

/** Paths, of what is to be written or to go, at which something stands that is not the agent's own work. */
async function foreignFiles(
  home: string,
  rendered: readonly RenderedFile[],
  stale: readonly string[],
  before: Ledger,
  deps: WriteDeps,
): Promise<string[]> {
  const wanted = rendered.filter(({ once }) => !once).map(({ path, content }) => ({ path, hash: hashOf(content) }));
  const foreign: string[] = [];
  for (const { path, hash } of [...wanted, ...stale.map((path) => ({ path, hash: null }))]) {
    const found = await deps.files.look(join(home, path));
    if (found.kind === 'absent') continue;
    const ours = [...(before.files[path]?.hashes ?? []), hash];
    if (found.kind === 'other' || !ours.includes(found.hash)) foreign.push(path);
  }
  return foreign;
}

async function writeOne(paths: ReturnType<typeof stackPaths>, file: RenderedFile, deps: WriteDeps): Promise<void> {
  const path = join(paths.home, file.path);
  const found = await deps.files.look(path);
  if (file.once && found.kind !== 'absent') return;
  if (found.kind === 'file' && found.hash === hashOf(file.content)) {
    if (found.mode !== file.mode) await chmod(path, file.mode);
    return;
  }
  await place(paths.home, path, file);
  deps.onStep('file written');
}

/**
 * Makes the directories above a file. A container may write in some of them: a link there must not lead the agent
 * somewhere else, so each one on the way is a directory itself.
 */
async function makeRooms(home: string, relative: string, deps: WriteDeps): Promise<void> {
  let path = home;
  for (const name of roomsOf(relative)) {
    path = join(path, name);
    const found = await nullWhenAbsent(lstat(path));
    if (found?.isDirectory()) continue;
    if (found !== null) await rename(path, `${path}.kept-${deps.now()}`);
    await mkdir(path, { mode: 0o755 });
    await chmod(path, 0o755);
  }
}

/** Whether every directory above a file is one. */
async function hasRooms(home: string, relative: string): Promise<boolean> {
  let path = home;
  for (const name of roomsOf(relative)) {
    path = join(path, name);
    if (!(await nullWhenAbsent(lstat(path)))?.isDirectory()) return false;
  }
  return true;
}

function roomsOf(relative: string): string[] {
  const names = dirname(relative).split('/');
  if (relative.startsWith('/') || names.includes('..'))
    throw new RuntimeFailure(`${relative} leads out of its directory`);
  return names.filter((name) => name !== '.');
}

async function keepAside(paths: ReturnType<typeof stackPaths>, relative: string, deps: WriteDeps): Promise<void> {
  await mkdir(paths.drift, { recursive: true, mode: 0o700 });
  const name = `${relative.replaceAll('/', '__')}.${deps.now()}`;
  await rename(join(paths.home, relative), join(paths.drift, name));
  // it may hold secrets, whatever mode it was given
  const found = await lstat(join(paths.drift, name));
  if (found.isFile()) await chmod(join(paths.drift, name), 0o600);
}

/** The copy is made where no container sees it, and moved into place whole. */
async function place(home: string, path: string, { content, mode }: RenderedFile): Promise<void> {
  const copy = join(home, `.${basename(path)}.incomplete`);
  await rm(copy, { force: true });
  const file = await open(copy, 'wx', mode);
  try {
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(copy, path);
  await syncDirectory(dirname(path));
}

function entriesOf(rendered: readonly RenderedFile[]): Ledger['files'] {
  const owned = rendered.filter(({ once }) => !once);
  return Object.fromEntries(owned.map(({ path, content, mode }) => [path, { hashes: [hashOf(content)], mode }]));
}

/** Both what was written last and what is about to be: whichever is found after a crash is the agent's own. */
function union(before: Ledger['files'], rendered: readonly RenderedFile[]): Ledger['files'] {
  const next = entriesOf(rendered);
  const both = Object.entries(next).map(([path, { hashes, mode }]) => {
    const old = before[path]?.hashes ?? [];
    return [path, { hashes: [...new Set([...old, ...hashes])], mode }];
  });
  return { ...before, ...Object.fromEntries(both) };
}
