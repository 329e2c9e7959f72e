import { describe, expect, it } from 'vitest';
import { createWorkerBudget, type Place } from '../../../../../agent/runtime/embedded/functions/worker-budget.ts';

/** A place, and whether it was told to give way. */
function placeOf(ref: string, idleSince: number | null = null): Place & { gaveUp: boolean } {
  const place = {
    ref,
    idleSince,
    gaveUp: false,
    giveUp: async () => {
      place.gaveUp = true;
    },
  };
  return place;
}

describe('a project or a host that is full of functions', () => {
  it('takes no other one while all are at work, and one more once one has left', () => {
    const budget = createWorkerBudget({ perProject: 2, perHost: 9 });
    const [one, two, three] = [placeOf('a'), placeOf('a'), placeOf('a')];
    expect([budget.enter(one), budget.enter(two), budget.enter(three)].map((room) => room !== null)).toEqual([
      true,
      true,
      false,
    ]);
    expect(budget.enter(placeOf('b'))).not.toBeNull();
    budget.leave(one);
    expect(budget.enter(three)).not.toBeNull();
  });

  it('ends the one that has been idle longest, once, and has it gone before the next one starts', async () => {
    const budget = createWorkerBudget({ perProject: 3, perHost: 9 });
    let gone: () => void = () => undefined;
    const old = { ...placeOf('a', 1), giveUp: () => new Promise<void>((resolve) => (gone = resolve)) };
    const [young, busy] = [placeOf('a', 2), placeOf('a')];
    for (const place of [young, old, busy]) budget.enter(place);
    let isThere = false;
    const room = budget.enter(placeOf('a'))?.then(() => {
      isThere = true;
    });
    await Promise.resolve();
    expect(isThere).toBe(false);
    gone();
    await room;
    expect([isThere, young.gaveUp, busy.gaveUp]).toEqual([true, false, false]);
    await budget.enter(placeOf('a'));
    expect(young.gaveUp).toBe(true);
    expect(budget.enter(placeOf('a'))).toBeNull();
  });

  it('lets a project that has none start one when another project only idles, and never ends one at work', async () => {
    const budget = createWorkerBudget({ perProject: 2, perHost: 3 });
    const idle = placeOf('a', 1);
    for (const place of [idle, placeOf('a'), placeOf('b')]) budget.enter(place);
    expect(budget.enter(placeOf('c'))).not.toBeNull();
    expect(idle.gaveUp).toBe(true);
    expect(budget.enter(placeOf('d'))).toBeNull();
  });
});
