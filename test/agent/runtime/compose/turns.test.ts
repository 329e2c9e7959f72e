import { expect, test } from 'vitest';
import { createTurns } from '../../../../agent/runtime/compose/turns.ts';
import { never } from '../embedded/support.ts';

test('a call made during the work gets a turn that begins after it, shared with others', async () => {
  let [begun, running, most] = [0, 0, 0];
  const gates: (() => void)[] = [];
  const take = createTurns(async () => {
    begun += 1;
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => gates.push(resolve));
    running -= 1;
  });
  const first = take(never);
  await Promise.resolve();
  await Promise.resolve();
  const later = [take(never), take(never), take(never)];
  expect(begun).toBe(1);
  gates.shift()?.();
  await first;
  while (gates.length === 0) await Promise.resolve();
  gates.shift()?.();
  await Promise.all(later);
  expect([begun, most]).toEqual([2, 1]);
});

test('work that fails tells those who waited for it, and not the next ones', async () => {
  let fails = true;
  const take = createTurns(async () => {
    if (fails) throw new Error('refused');
  });
  await expect(take(never)).rejects.toThrow('refused');
  fails = false;
  await take(never);
});

test('a caller that gives up leaves the work to be done', async () => {
  let done = 0;
  const stop = new AbortController();
  const take = createTurns(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    done += 1;
  });
  const waiting = take(stop.signal);
  stop.abort(new Error('given up'));
  await expect(waiting).rejects.toThrow('given up');
  await take(never);
  expect(done).toBe(2);
});
