import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Clock } from '../../agent/deps.ts';
import { takeLock } from '../../agent/lock.ts';
import { RuntimeFailure } from '../../agent/runtime-failure.ts';

/** Its time passes only by sleeping, and at once. */
function hastyClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    async sleep(milliseconds) {
      now += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const directory = () => `/nowhere/${crypto.randomUUID()}`;

test('a second agent on one directory is refused, and may work there once the first has let go', async () => {
  const place = directory();
  const lock = await takeLock(place, hastyClock());
  const refused = takeLock(place, hastyClock());
  await expect(refused).rejects.toBeInstanceOf(RuntimeFailure);
  await expect(refused).rejects.toThrow(`Another supafleet agent already manages ${place}`);
  await lock.release();
  await (await takeLock(place, hastyClock())).release();
});

test('agents on different directories do not meet', async () => {
  const locks = await Promise.all([takeLock(directory(), hastyClock()), takeLock(directory(), hastyClock())]);
  for (const lock of locks) await lock.release();
});

test('of many that come at once exactly one gets the directory', async () => {
  const place = directory();
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(place, hastyClock())));
  const taken = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  expect(taken).toHaveLength(1);
  for (const { value } of taken) await value.release();
});

test('an agent that was killed does not stand in the way of the next one', async () => {
  const place = directory();
  const holder = `
    const { takeLock } = await import(${JSON.stringify(join(import.meta.dirname, '../../agent/lock.ts'))});
    await takeLock(${JSON.stringify(place)}, { now: Date.now, sleep: () => Promise.resolve() });
    process.stdout.write('taken');
    setInterval(() => undefined, 60_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', holder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    await expect(takeLock(place, hastyClock())).rejects.toBeInstanceOf(RuntimeFailure);
  } finally {
    child.kill('SIGKILL');
  }
  await once(child, 'exit');
  await (await takeLock(place, hastyClock())).release();
});
