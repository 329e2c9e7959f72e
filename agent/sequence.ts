/** What this agent knows of its reports' sequence. */
export type Sequence = {
  /** of the last report known to be accepted; null before the first poll */
  acknowledged: number | null;
  /** a report was sent whose fate is not known: by this process, or by one before it */
  pending: boolean;
  /** refusals since the last accepted report */
  conflicts: number;
  /** whether a poll told the sequence since the last doubt */
  certain: boolean;
};

/** Of an agent that has not heard from its control plane yet. */
export const unknownSequence: Sequence = { acknowledged: null, pending: true, conflicts: 0, certain: false };

/**
 * What a poll says. Every report in doubt carries the same number, so the control plane stands where the agent is or
 * one further; a number beyond that was used by somebody else with the same key: `foreign`. A lower one means that the
 * control plane was set back, and is accepted.
 */
export function afterPoll(sequence: Sequence, told: number): Sequence | 'foreign' {
  const { acknowledged, pending, conflicts } = sequence;
  if (conflicts > 2) return 'foreign';
  if (acknowledged === null || told < acknowledged)
    return { acknowledged: told, pending: true, conflicts, certain: true };
  if (told === acknowledged) return { ...sequence, certain: true };
  if (told === acknowledged + 1 && pending) return { acknowledged: told, pending: false, conflicts, certain: true };
  return 'foreign';
}

/** The report of this number was accepted. */
export function afterAccepted(sequence: number): Sequence {
  return { acknowledged: sequence, pending: false, conflicts: 0, certain: true };
}

/** No answer: the report may have been accepted, or may be yet. */
export function afterSilence(sequence: Sequence): Sequence {
  return { ...sequence, pending: true, certain: false };
}

/** Refused as out of order: the next poll shows why. */
export function afterConflict(sequence: Sequence): Sequence {
  return { ...sequence, conflicts: sequence.conflicts + 1, certain: false };
}
