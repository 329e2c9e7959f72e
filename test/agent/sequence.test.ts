import { expect, test } from 'vitest';
import {
  afterAccepted,
  afterConflict,
  afterPoll,
  afterSilence,
  type Sequence,
  unknownSequence,
} from '../../agent/sequence.ts';

function polled(sequence: Sequence, told: number): Sequence {
  const next = afterPoll(sequence, told);
  if (next === 'foreign') throw new Error('taken for a copied key');
  return next;
}

test('a report whose answer was lost is taken for accepted or not, as the next poll says', () => {
  const silent = afterSilence(afterAccepted(7));
  expect(polled(silent, 7)).toMatchObject({ acknowledged: 7, certain: true, pending: true });
  expect(polled(silent, 8)).toMatchObject({ acknowledged: 8, certain: true, pending: false });
});

test('a report that arrives late, after the poll that missed it, is no sign of a copied key', () => {
  const missed = polled(afterSilence(afterAccepted(7)), 7);
  expect(polled(afterConflict(missed), 8)).toMatchObject({ acknowledged: 8 });
});

test('a report of the agent before this one may still arrive', () => {
  expect(polled(afterConflict(polled(unknownSequence, 3)), 4)).toMatchObject({ acknowledged: 4 });
});

test.each<[string, Sequence, number]>([
  ['moved on although nothing was sent', afterAccepted(7), 8],
  ['moved on further than one report in doubt explains', afterSilence(afterAccepted(7)), 9],
  ['refused an acknowledged sequence because another took it', afterConflict(afterAccepted(7)), 8],
  [
    'keeps refusing what it says it expects',
    afterConflict(afterConflict(afterConflict(afterSilence(afterAccepted(7))))),
    7,
  ],
])('a control plane that %s means a copied key', (_situation, sequence, told) => {
  expect(afterPoll(sequence, told)).toBe('foreign');
});

test('a control plane that was set back is followed', () => {
  expect(polled(afterAccepted(70), 3)).toMatchObject({ acknowledged: 3, certain: true });
});
