import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { nullWhenAbsent } from '../../absence.ts';
import { writeWhole } from '../../write-whole.ts';

const ledgerShape = z.object({
  /** by path: what the agent wrote there, or was about to write when it was cut short (SHA-256, hex) */
  files: z.record(z.string(), z.object({ hashes: z.array(z.string()), mode: z.int() })),
  /** volumes that have been made: one that is missing later was lost */
  volumes: z.array(z.string()),
  /** `LiveSpec.restarts` its containers were last started for; null: none were yet */
  restarts: z.int().nullable(),
  /** files that containers hold open were put right: all of them are to be made anew */
  remake: z.boolean(),
});

/** What in a stack's directory is the agent's own work: everything else was changed by somebody else. */
export type Ledger = z.infer<typeof ledgerShape>;

export const emptyLedger: Ledger = { files: {}, volumes: [], restarts: null, remake: false };

/** Empty when there is none, or none that can be read: then nothing that differs is taken for the agent's own. */
export async function readLedger(path: string): Promise<Ledger> {
  const text = await nullWhenAbsent(readFile(path, 'utf8'));
  if (text === null) return emptyLedger;
  try {
    return ledgerShape.parse(JSON.parse(text));
  } catch {
    return emptyLedger; // cut short by the machine, or edited: what is there is kept aside when it differs
  }
}

export async function writeLedger(path: string, ledger: Ledger): Promise<void> {
  await writeWhole(path, `${JSON.stringify(ledger, null, 2)}\n`, 0o600);
}
