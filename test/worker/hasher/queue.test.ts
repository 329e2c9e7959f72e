import { describe, expect, test } from 'vitest';
import { createQueue, QueueFullError } from '../../../worker/hasher/queue.ts';

const options = { waiting: 3, everyMs: 5, goneAfterMs: 1_000 };

/** Time that only passes when told; pauses end when their time has come. */
function manualPace() {
  let now = 0;
  let paused: { until: number; resume(): void }[] = [];
  return {
    now: () => now,
    pause: (milliseconds: number) =>
      new Promise<void>((resume) => void paused.push({ until: now + milliseconds, resume })),
    /** Lets everything happen that is due after so long. */
    async pass(milliseconds: number): Promise<void> {
      now += milliseconds;
      const due = paused.filter(({ until }) => until <= now);
      paused = paused.filter(({ until }) => until > now);
      for (const { resume } of due) resume();
      await new Promise((resolve) => setImmediate(resolve));
    },
    /** Whoever paused last never comes back, as a request whose client has gone. */
    forgetLast: () => void paused.pop(),
    waiting: () => paused.length,
  };
}

describe('the hashing queue', () => {
  test('runs jobs one at a time in the order they came, letting others in between', async () => {
    const pace = manualPace();
    const queue = createQueue(pace, options);
    const ran: number[] = [];
    const jobs = [1, 2, 3].map((job) => queue.run(() => ran.push(job)));
    expect(ran).toEqual([1]);
    await pace.pass(5);
    expect(ran).toEqual([1, 2]);
    await pace.pass(5);
    expect(ran).toEqual([1, 2, 3]);
    await pace.pass(5);
    expect(await Promise.all(jobs)).toEqual([1, 2, 3]);
  });

  test('refuses whoever is one too many, and nobody once there is room', async () => {
    const pace = manualPace();
    const queue = createQueue(pace, options);
    const jobs = [1, 2, 3, 4].map((job) => queue.run(() => job));
    await expect(queue.run(() => 5)).rejects.toBeInstanceOf(QueueFullError);
    await pace.pass(5);
    const late = queue.run(() => 6);
    for (let step = 0; step < 12; step += 1) await pace.pass(5);
    expect(await Promise.all([...jobs, late])).toEqual([1, 2, 3, 4, 6]);
  });

  test('hands a failing job its error and goes on', async () => {
    const pace = manualPace();
    const queue = createQueue(pace, options);
    const failing = queue.run(() => {
      throw new Error('bad');
    });
    await expect(failing).rejects.toThrow('bad');
    const next = queue.run(() => 'good');
    await pace.pass(0);
    expect(await next).toBe('good');
  });

  test('is not held up for ever by a request that was cut off', async () => {
    const pace = manualPace();
    const queue = createQueue(pace, options);
    const first = queue.run(() => 1);
    void queue.run(() => 2);
    pace.forgetLast();
    const third = queue.run(() => 3);
    for (let step = 0; step < 12; step += 1) await pace.pass(100);
    await pace.pass(5);
    expect(await Promise.all([first, third])).toEqual([1, 3]);
  });
});
