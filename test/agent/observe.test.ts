import { expect, test } from 'vitest';
import type { ObservedStack } from '../../agent/deps.ts';
import { createObserver } from '../../agent/observe.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeRuntime } from '../support/fake-runtime.ts';

type Look = { signal: AbortSignal; show(stacks: ObservedStack[]): void };

/** An observer of a host whose every look takes until the test shows something. */
function observerOfSlowHost() {
  const clock = createFakeClock();
  const looks: Look[] = [];
  const observe = ({ signal }: { signal: AbortSignal }) =>
    new Promise<ObservedStack[]>((resolve) => looks.push({ signal, show: resolve }));
  const errors: string[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: (message: string) => void errors.push(message) };
  const observer = createObserver({ ...createFakeRuntime({}), observe }, { clock, log, busy: () => [] });
  return { clock, looks, observer, errors };
}

test('a look that hangs is given up and told so, and no second one begins beside it', async () => {
  const { clock, looks, observer, errors } = observerOfSlowHost();
  const first = observer.look();
  await clock.advance(10_000);
  expect(await first).toBeNull();
  expect(looks[0]?.signal.aborted).toBe(true);
  for (let round = 0; round < 20; round += 1) {
    observer.expire();
    await clock.advance(10_000);
    expect(await observer.look()).toBeNull();
  }
  expect(looks).toHaveLength(1);
  expect(errors).toHaveLength(1);
});

test('once it has ended at last, its old picture counts for nothing and a new one is taken', async () => {
  const { clock, looks, observer } = observerOfSlowHost();
  const first = observer.look();
  await clock.advance(10_000);
  await first;
  looks[0]?.show([]);
  await clock.advance(0);
  const second = observer.look();
  await clock.advance(0);
  looks[1]?.show([]);
  expect(await second).toEqual({ stacks: [], unsettled: new Set() });
  expect(looks).toHaveLength(2);
  expect(looks[1]?.signal.aborted).toBe(false);
});
