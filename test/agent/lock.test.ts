import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DirectoryInUse, takeLock } from '../../agent/lock.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'supafleet-lock-'));
});
afterEach(async () => rm(directory, { recursive: true }));

const file = () => join(directory, 'agent.lock');

test('a second agent on one data directory is refused with who holds it', async () => {
  const lock = await takeLock(directory, process.pid);
  const refused = takeLock(directory, process.ppid);
  await expect(refused).rejects.toBeInstanceOf(DirectoryInUse);
  await expect(refused).rejects.toThrow(`process ${process.pid}`);
  await lock.release();
  await (await takeLock(directory, process.ppid)).release();
});

test('the lock of an agent that was killed is taken over', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  await takeLock(directory, child.pid ?? 0);
  await expect(takeLock(directory, process.pid)).rejects.toBeInstanceOf(DirectoryInUse);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await takeLock(directory, process.pid)).release();
});

test('a living process that merely has the old id does not hold it', async () => {
  await takeLock(directory, process.pid);
  const held = await readFile(file(), 'utf8');
  await writeFile(file(), held.replace(/"startTime":"\d+"/, '"startTime":"1"'));
  await (await takeLock(directory, process.ppid)).release();
});

test('of many that find a dead lock exactly one gets it', async () => {
  await writeFile(file(), JSON.stringify({ pid: 1, startTime: '999999999999' }));
  const children = Array.from({ length: 8 }, () => spawn('sleep', ['60']));
  try {
    await Promise.all(children.map((child) => once(child, 'spawn')));
    const outcomes = await Promise.allSettled(children.map((child) => takeLock(directory, child.pid ?? 0)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
});
