import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileDrift } from '../../../../agent/runtime/compose/file-drift.ts';
import { createFileReader } from '../../../../agent/runtime/compose/file-state.ts';
import { readLedger } from '../../../../agent/runtime/compose/ledger.ts';
import { stackPaths } from '../../../../agent/runtime/compose/paths.ts';
import { writeDirectory } from '../../../../agent/runtime/compose/write-directory.ts';
import type { RenderedFile } from '../../../../agent/stack/rendered-stack.ts';

let root: string;
let paths: ReturnType<typeof stackPaths>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sf-dir-'));
  paths = stackPaths(join(root, 'project'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const compose: RenderedFile = { path: 'compose.yaml', content: 'services: {}\n', mode: 0o644 };
const secret: RenderedFile = { path: '.env', content: 'A=1\n', mode: 0o600 };
const mounted: RenderedFile = { path: 'functions/main/index.ts', content: 'main\n', mode: 0o644 };
const all = [compose, secret, mounted];

test('files are there with their modes, in a directory for the agent alone, and nothing is drift', async () => {
  expect(await write(all)).toEqual([]);
  expect(await readFile(join(paths.home, '.env'), 'utf8')).toBe('A=1\n');
  expect(await modeOf('.env')).toBe(0o600);
  expect(await modeOf('')).toBe(0o700);
  expect(await drift()).toEqual([]);
});

test('what somebody edited is told, kept as it was, and put right', async () => {
  await write(all);
  await writeFile(paths.compose, 'mine\n');
  await chmod(paths.environment, 0o644);
  expect(await drift()).toEqual(['.env has mode 0644 instead of 0600', 'compose.yaml was changed by hand']);
  expect(await write(all, 7)).toEqual(['compose.yaml']);
  expect(await readFile(join(paths.drift, 'compose.yaml.7'), 'utf8')).toBe('mine\n');
  expect(await readFile(paths.compose, 'utf8')).toBe(compose.content);
  expect(await drift()).toEqual([]);
});

test('an edited file that a container holds open makes containers anew, others do not', async () => {
  await write(all);
  await writeFile(paths.compose, 'mine\n');
  await write(all);
  expect((await readLedger(paths.ledger)).remake).toBe(false);
  await writeFile(join(paths.home, mounted.path), 'mine\n');
  await write(all);
  expect((await readLedger(paths.ledger)).remake).toBe(true);
});

test('a change that was cut short between two files leaves nothing that is taken for a hand edit', async () => {
  await write(all);
  const next = all.map((file) => ({ ...file, content: `${file.content}next\n` }));
  let files = 0;
  await expect(
    writeDirectory(paths, next, {
      files: createFileReader(),
      now: () => 1,
      onStep(step) {
        if (step === 'file written' && ++files === 2) throw new Error('died here');
      },
    }),
  ).rejects.toThrow('died here');
  expect(await drift()).toEqual([]);
  expect(await write(next)).toEqual([]);
  expect(await readFile(paths.compose, 'utf8')).toBe('services: {}\nnext\n');
});

test('a file that is rendered no more goes, unless somebody had changed it', async () => {
  const extra = { path: 'pooler.exs', content: 'x', mode: 0o644 };
  await write([...all, extra]);
  await write(all);
  expect(await readdir(paths.home)).not.toContain('pooler.exs');
  await write([...all, extra]);
  await writeFile(join(paths.home, 'pooler.exs'), 'mine');
  await write(all, 9);
  expect(await readFile(join(paths.drift, 'pooler.exs.9'), 'utf8')).toBe('mine');
});

test('what belongs to users is written once and never again', async () => {
  const once: RenderedFile = { path: 'functions/hello/index.ts', content: 'ours', mode: 0o644, once: true };
  await write([...all, once]);
  await writeFile(join(paths.home, once.path), 'theirs');
  expect(await drift()).toEqual([]);
  expect(await write([...all, once])).toEqual([]);
  expect(await readFile(join(paths.home, once.path), 'utf8')).toBe('theirs');
});

test('a link that a container left leads the agent nowhere', async () => {
  await write(all);
  const outside = join(root, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'index.ts'), 'of somebody else');
  await rm(join(paths.home, 'functions/main'), { recursive: true });
  await symlink(outside, join(paths.home, 'functions/main'));
  await write(all);
  expect(await readdir(outside)).toEqual(['index.ts']);
  expect(await readFile(join(outside, 'index.ts'), 'utf8')).toBe('of somebody else');
  expect((await lstat(join(paths.home, 'functions/main'))).isDirectory()).toBe(true);
});

test('a directory, a link and a missing file in the place of one are told and put right', async () => {
  await write(all);
  await rm(paths.compose);
  await mkdir(paths.compose);
  await rm(paths.environment);
  await symlink('/etc/hostname', paths.environment);
  await rm(join(paths.home, mounted.path));
  expect(await drift()).toEqual(['.env is a link', 'compose.yaml is no file', 'functions/main/index.ts is missing']);
  await write(all);
  expect(await drift()).toEqual([]);
  expect(await readFile('/etc/hostname', 'utf8')).not.toBe('A=1\n');
});

test('a path that leads out of the directory is refused', async () => {
  await expect(write([{ path: '../escape', content: '', mode: 0o644 }])).rejects.toThrow('leads out');
});

function write(files: RenderedFile[], now = 1): Promise<string[]> {
  return writeDirectory(paths, files, { files: createFileReader(), now: () => now, onStep: () => undefined });
}

async function drift(): Promise<string[]> {
  return fileDrift(paths.home, await readLedger(paths.ledger), createFileReader());
}

async function modeOf(path: string): Promise<number> {
  return (await lstat(join(paths.home, path))).mode & 0o777;
}
